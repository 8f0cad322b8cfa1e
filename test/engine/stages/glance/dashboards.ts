/** Configurations as people write them, each hard in another way. */
export interface Fixture {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Where the tests put entries. */
  readonly page: string | null;
  readonly group: string;
  readonly widget: string;
}

export const main = '/opt/glance/config/glance.yml';
const at = (name: string) => `/opt/glance/config/${name}`;
const one = (name: string, text: string, more: Partial<Fixture> = {}): Fixture => ({
  name,
  files: { [main]: text },
  page: null,
  group: 'Monitoring',
  widget: 'Services',
  ...more,
});

export const tutorial = `server:
  port: 8080

theme:
  # Teal City, by someone on the forum
  background-color: 225 14 15
  contrast-multiplier: 1.1

pages:
  - name: Home
    # Optionally, if you only have a single page
    # hide-desktop-navigation: true
    columns:
      - size: small
        widgets:
          - type: calendar
            first-day-of-week: monday

          - type: rss
            limit: 10
            feeds:
              - url: https://selfh.st/rss/
                title: selfh.st
                limit: 4

      - size: full
        widgets:
          - type: group
            widgets:
              - type: hacker-news
              - type: lobsters
          - type: bookmarks
            groups:
              - title: Monitoring
                color: 10 70 50
                links:
                  - title: Prometheus
                    url: https://prometheus.home.lan
                    # the one on the NAS
                  # - title: Old Grafana
                  #   url: http://10.0.0.1

              - title: Media
                links:
                  - title: "Jellyfin 🎬"
                    url: 'https://jellyfin.home.lan'

          - type: monitor
            cache: 1m
            title: Services
            sites:
              - title: Jellyfin
                url: https://jellyfin.home.lan
                icon: si:jellyfin

  # second page
  - name: Big Screen
    slug: screen
    columns:
      - size: full
        widgets:
          - type: clock
`;

const anchors = `define: &links
  - title: Shared
    url: https://shared.lan

common: &common
  hide-header: true
  cache: 30s

pages:
  - name: Start
    columns:
      - size: full
        widgets:
          - <<: *common
            type: monitor
            title: Services
            sites: &sites
              - &nas
                title: NAS
                url: https://nas.lan
              - {title: Flow, url: "https://flow.lan"}
          - type: bookmarks
            <<: *common
            groups:
              - title: Monitoring
                links: *links
              - title: Others
                links:
                  - <<: *nas
                    same-tab: true
  - name: Copy
    columns:
      - size: full
        widgets:
          - type: monitor
            sites: *sites
`;

const flush = `pages:
- name: Home
  columns:
  - size: full
    widgets:
    - type: split-column
      widgets:
      - type: bookmarks
        groups:
        - links:
          - title: a
            url: https://a.lan
            description: >-
              folded
              text

              with a gap
          title: Monitoring
        # about the next group
        - title: Other
          links: []
    - type: monitor
      title: services
      sites:
      - title: Quoted "thing" # with a note
        url: "https://q.lan/#/a"
        alt-status-codes: [401, 403]
        basic-auth:
          username: me
          password: \${secret:nas}


      -   title: Wide
          url: https://wide.lan
      # at the end`;

const templates = `# needs \${GLANCE_TOKEN} and \\\${NOT_THIS}
pages:
  - name: \${HOME_NAME}
    head-widgets:
      - type: monitor
        title: Services
        sites:
          - title: "\${NAS_NAME}"
            url: \${NAS_URL}
            check-url: http://\${NAS_HOST}:\${NAS_PORT}/
    columns:
      - size: full
        widgets:
          - type: bookmarks
            groups:
              - title: Monitoring
                links:
                  - title: \${A}\${B}
                    url: https://\${A}.lan
          - type: custom-api
            template: |
              {{ range .JSON.Array "" }}
                <a href="{{ .String "url" }}">{{ .String "name" }}</a> # not a comment
              {{ end }}
`;

const included: Fixture = {
  name: 'includes in mappings and lists',
  files: {
    [main]: `server:
  port: 8080
$include: theme.yml
!include: branding.yml
pages:
  - $include: pages/home.yml
  - name: Second
    columns:
      - size: full
        widgets:
          $include: widgets/all.yml
`,
    [at('theme.yml')]: 'theme:\n  light: false # 🌚\n',
    [at('branding.yml')]: 'branding:\n  hide-footer: true',
    [at('pages/home.yml')]: `- name: Home
  columns:
    - size: full
      widgets:
        - type: bookmarks
          groups:
            - title: Monitoring
              links:
                $include: ../links/monitoring.yml
        - $include: monitor.yml
`,
    [at('pages/monitor.yml')]: `- type: monitor
  title: Services
  sites:
    - title: Router
      url: https://router.lan
- type: clock
`,
    [at('links/monitoring.yml')]: '- title: Prometheus\n  url: https://prometheus.lan',
    [at('widgets/all.yml')]: '- type: weather\n  location: London\n',
    '/opt/glance/config/unused.yml': 'not: [used\n',
  },
  page: 'home',
  group: 'monitoring',
  widget: 'Services',
};

const emptyLists = `pages:
  - name: Home
    columns:
      - size: full
        widgets:
          - type: bookmarks
            groups:
              - title: Monitoring
                links: [ ]   # nothing yet
              - title: B
                links:
          - type: monitor
            title: Services
            sites: ~
`;

const nothingThere = `pages:
  - name: Home
    columns:
      - size: small
        widgets: []
      - size: full
        widgets:
          - type: clock
# the end
`;

/** Thousands of lines: many pages, feeds, bookmarks, long comments. */
function long(): string {
  const lines = ['pages:'];
  for (let page = 0; page < 12; page += 1) {
    lines.push(
      `  - name: "Page ${page} 🎛️"`,
      `    slug: p${page}`,
      '    columns:',
      '      - size: small',
      '        widgets:',
    );
    for (let feed = 0; feed < 15; feed += 1)
      lines.push(
        '          - type: rss',
        '            feeds:',
        `              - url: https://f${feed}.example/rss#x`,
        `                title: 'it''s feed ${feed}'`,
        '\t# tabs before a comment',
        '',
      );
    lines.push(
      '      - size: full',
      '        widgets:',
      '          - type: bookmarks',
      '            groups:',
    );
    for (let group = 0; group < 8; group += 1) {
      lines.push(
        `              - title: ${page === 7 && group === 5 ? 'Monitoring' : `Group ${group}`}`,
        '                links:',
      );
      for (let link = 0; link < 7; link += 1)
        lines.push(
          `                  - title: Link ${page}-${group}-${link}`,
          `                    url: https://l${link}.lan/?q=${group}  `,
          ...(link % 3 === 0 ? ['                    # a note'] : []),
        );
    }
    lines.push(
      '          - type: monitor',
      `            title: ${page === 7 ? 'Services' : `Sites ${page}`}`,
      '            sites:',
    );
    for (let site = 0; site < 12; site += 1)
      lines.push(
        `              - title: Site ${site}`,
        `                url: https://s${site}.lan`,
        '                icon: di:generic.png',
        '',
      );
  }
  return `${lines.join('\n')}\n`;
}

export const longText = long();

export const fixtures: readonly Fixture[] = [
  one('the tutorial', tutorial),
  one('the tutorial with carriage returns', tutorial.replaceAll('\n', '\r\n')),
  one('the tutorial without a line feed at its end', tutorial.trimEnd()),
  one('carriage returns and no line feed at the end', flush.replaceAll('\n', '\r\n')),
  one('dashes below their keys, folded text, blank lines between', flush),
  one('anchors, merges and aliases', anchors),
  one('templates and a widget with code in it', templates),
  one('empty lists in three ways', emptyLists),
  one('nothing to put entries into', nothingThere),
  one('a page that is not there yet', tutorial, { page: 'Ops & Tools: 🛠️' }),
  one('another page by its slug', tutorial, { page: 'SCREEN', group: "Friends' things", widget: 'Up?' }),
  one('thousands of lines', longText, { page: 'P7' }),
  one('thousands of lines with carriage returns', longText.replaceAll('\n', '\r\n'), { page: 'p7' }),
  included,
];
