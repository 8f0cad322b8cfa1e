/** Versions the simulated engine and its plug-in report. */
export const engineVersion = '20.10.24+dfsg1';

export const apiVersion = '1.41';

export const composeVersion = '2.26.1-4';
