/** What Traefik knows below each section; any other key is an error. `*` is any name, null any value. */
export interface Keys {
  readonly [key: string]: Keys | null;
}

const names = (...keys: readonly string[]): Keys => Object.fromEntries(keys.map((key) => [key, null]));

const tls: Keys = { certResolver: null, options: null, domains: null };
const router: Keys = {
  ...names('rule', 'service', 'entryPoints', 'middlewares', 'priority', 'ruleSyntax', 'observability'),
  tls,
};
const loadBalancer: Keys = {
  ...names('passHostHeader', 'serversTransport', 'strategy', 'responseForwarding', 'sticky'),
  servers: names('url', 'weight', 'preservePath'),
  healthCheck: names(
    ...['path', 'interval', 'timeout', 'scheme', 'port', 'status', 'method', 'hostname', 'mode'],
    ...['headers', 'followRedirects', 'unhealthyInterval'],
  ),
};
const middlewares: Keys = {
  headers: names(
    ...['customRequestHeaders', 'customResponseHeaders', 'frameDeny', 'customFrameOptionsValue'],
    ...['contentTypeNosniff', 'stsSeconds', 'stsIncludeSubdomains', 'stsPreload', 'forceSTSHeader'],
    ...['browserXssFilter', 'referrerPolicy', 'permissionsPolicy', 'contentSecurityPolicy'],
    ...['accessControlAllowCredentials', 'accessControlAllowHeaders', 'accessControlAllowMethods'],
    ...['accessControlAllowOriginList', 'accessControlAllowOriginListRegex', 'accessControlMaxAge'],
    ...['accessControlExposeHeaders', 'addVaryHeader', 'hostsProxyHeaders', 'allowedHosts'],
  ),
  rateLimit: names('average', 'period', 'burst', 'sourceCriterion', 'redis'),
  forwardAuth: names(
    ...['address', 'trustForwardHeader', 'authResponseHeaders', 'authResponseHeadersRegex'],
    ...['authRequestHeaders', 'addAuthCookiesToResponse', 'forwardBody', 'maxBodySize', 'headerField'],
    ...['preserveLocationHeader', 'preserveRequestMethod', 'tls'],
  ),
  ipAllowList: names('sourceRange', 'ipStrategy', 'rejectStatusCode'),
  basicAuth: names('users', 'usersFile', 'realm', 'removeHeader', 'headerField'),
  digestAuth: names('users', 'usersFile', 'realm', 'removeHeader', 'headerField'),
  redirectScheme: names('scheme', 'permanent', 'port'),
  redirectRegex: names('regex', 'replacement', 'permanent'),
  stripPrefix: names('prefixes'),
  addPrefix: names('prefix'),
  chain: names('middlewares'),
  compress: null,
  retry: null,
  inFlightReq: null,
  buffering: null,
  errors: null,
};

/** The whole of a file; sections the stand-in does not act on are not looked into. */
export const knownKeys: Keys = {
  http: {
    routers: { '*': router },
    services: { '*': { loadBalancer, weighted: null, mirroring: null, failover: null } },
    middlewares: { '*': middlewares },
    serversTransports: { '*': null },
  },
  tcp: names('routers', 'services', 'middlewares', 'serversTransports'),
  udp: names('routers', 'services'),
  tls: names('certificates', 'options', 'stores'),
};
