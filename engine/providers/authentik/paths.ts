/** Where things are below `/api/v3`. */
export const paths = {
  applications: '/core/applications/',
  application: (slug: string): string => `/core/applications/${encodeURIComponent(slug)}/`,
  bindings: '/policies/bindings/',
  proxy: '/providers/proxy/',
  oidc: '/providers/oauth2/',
  outposts: '/outposts/instances/',
  flows: '/flows/instances/',
} as const;
