import type { Visitor } from '../visitor/visitor.ts';

/** Hands on a picture of the page as it is now. */
export type Keep = (file: string, visitor: Visitor) => Promise<void>;

export interface PageStory {
  /** A fresh page; as wide as a laptop unless told. */
  readonly visit: (look?: Look) => Promise<Visitor>;
  readonly keep: Keep;
}
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colours?: 'dark' | 'light';
}

/** A deployment from the request to the end, a bad release, drift, each where it is worth a picture. */
export async function tellPageStory({ visit, keep }: PageStory): Promise<void> {
  const ana = await visit();
  await keep('tour', ana);
  await ana.use('/plan service:grafana');
  await ana.message('Plan · Deploy grafana').waitFor();
  await keep('plan', ana);
  await deployPaperless({ visit, keep });
  await releaseBadGrafana({ visit, keep });
  await putBack({ visit, keep });
}

async function agree(visitor: Visitor): Promise<void> {
  await visitor.become('ben');
  await visitor.press('Approve');
}

/** Everything around a service in one request, which is the picture of the README. */
async function deployPaperless({ visit, keep }: PageStory): Promise<void> {
  const wide = await visit({ height: 1180 });
  await wide.foldTour();
  await wide.use('/deploy service:paperless reason:the letters pile up');
  await wide.message('Approval needed', 'paperless').waitFor();
  await wide.become('ben');
  await keep('approval', wide);
  await wide.press('Reject…');
  await wide.page.getByRole('dialog').waitFor();
  await keep('reject', wide);
  await wide.page.keyboard.press('Escape');
  await wide.page.getByRole('dialog').waitFor({ state: 'detached' });
  await wide.show('docker-vm-core-utilities01');
  await wide.press('Approve');
  await wide.dismiss('Started');
  await wide.message('Deploy paperless', 'Done and proved to work').waitFor();
  await keep('picture', wide);
  const light = await visit({ colours: 'light', height: 1000 });
  await light.foldTour();
  await keep('light', light);
  const phone = await visit({ width: 390, height: 844 });
  await keep('phone', phone);
  await phone.tab('Homelab');
  await keep('phone-homelab', phone);
}

async function releaseBadGrafana({ visit, keep }: PageStory): Promise<void> {
  const visitor = await visit();
  await visitor.use('/deploy service:grafana version:10.4.0');
  await visitor.message('Approval needed', '10.4.0').waitFor();
  await agree(visitor);
  await visitor.message('rolled back', '10.4.0 did not work').waitFor();
  await keep('rolled-back', visitor);
}

async function putBack({ visit, keep }: PageStory): Promise<void> {
  const visitor = await visit();
  await visitor.breaks('Somebody points');
  await visitor.system('Pi-hole').getByText('10.9.9.9').waitFor();
  await visitor.use('/status service:grafana');
  await visitor.message('name differs').waitFor();
  await visitor.show('Pi-hole');
  await keep('drift', visitor);
}
