/** One thing done on a host of either world; what comes out must be the same in both. */
export interface Probe {
  readonly title: string;
  /** Shell command, run in the project's directory. `$C` is the usual compose command line. */
  readonly run?: string;
  /** Engine API call, e.g. `GET /containers/json?all=1`. */
  readonly api?: string;
  /** Compose file written first; `null` removes it. */
  readonly file?: string | null;
  /** Other files written first. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * How outputs are compared once names and times are replaced. `exact`: both streams; `lines`: in any order;
   * `json`, `json-lines`: keys and types; `subset`: the same, but the simulation may have fewer; `value`: parsed JSON or YAML with its values; `exit`: only the exit code;
   * a pattern: what standard error must look like in both.
   */
  readonly compare?: 'exact' | 'lines' | 'json' | 'json-lines' | 'subset' | 'value' | 'exit' | RegExp;
  /** Ends in this exit code or status in both. */
  readonly expect?: number;
  /** Asked before, until it is true: a shell command that exits 0. */
  readonly after?: string;
}
export interface Chapter {
  readonly title: string;
  readonly probes: readonly Probe[];
}

const invalid = (title: string, file: string, compare: Probe['compare'] = 'exact'): Probe => ({
  title,
  file,
  run: '$C config --quiet',
  compare,
});
const one = (body: string) => `services:\n  web:\n    image: registry.lab:5000/web:1\n${body}`;

const full = `services:
  web:
    image: registry.lab:5000/web:1
    container_name: the-web
    init: true
    command: ["/bin/httpd", "-f", "-p", "80", "-h", "/www"]
    ports: ["8080:80", "127.0.0.1:8081:81/udp", "9000-9001:90-91", "7000"]
    environment:
      PLAIN: text
      DOLLAR: "a$$b"
      FROM_FILE: "\${FROM_FILE}"
      DEFAULT: "\${NOT_THERE:-fallback}"
      NESTED: "\${NOT_THERE:-\${FROM_FILE}}"
      IF_SET: "\${FROM_FILE:+yes}"
      NUMBER: 8
      TRUTH: true
    env_file: [extra.env]
    labels: { owner.team: lab, "x.y": "1" }
    volumes:
      - data:/data
      - ./conf:/conf:ro
      - { type: bind, source: /srv, target: /srv, read_only: true }
      - /anonymous
    networks: [front, back]
    restart: unless-stopped
    stop_grace_period: 1m30s
    healthcheck: { test: "wget -q -O /dev/null http://localhost/", interval: 10s, timeout: 1s, retries: 4, start_period: 2s }
    depends_on: { db: { condition: service_started } }
    cap_add: [NET_ADMIN]
    privileged: true
    user: "1000:1000"
    working_dir: /www
  db:
    image: registry.lab:5000/well:1
    networks: [back]
    healthcheck: { disable: true }
  lonely:
    image: registry.lab:5000/well:1
    network_mode: host
    entrypoint: /bin/sh -c "echo 'a b' c"
volumes: { data: {} }
networks: { front: {}, back: { name: shared-back } }
x-ignored: { anything: 1 }
`;

const reading: Chapter = {
  title: 'reading compose files',
  probes: [
    {
      title: 'every form resolves to the same model',
      file: full,
      files: { '.env': "FROM_FILE='from $file'\n", 'extra.env': 'EXTRA=1\n# note\nQUOTED="two words"\n' },
      run: '$C config --format json',
      compare: 'value',
      expect: 0,
    },
    { title: 'and as YAML', run: '$C config', compare: 'value', expect: 0 },
    { title: 'its services', run: '$C config --services', compare: 'lines' },
    { title: 'its images', run: '$C config --images', compare: 'lines' },
    { title: 'its volumes', run: '$C config --volumes', compare: 'lines' },
    { title: 'a hash for each service', run: "$C config --hash '*'", compare: 'lines' },
    { title: 'quietly', run: '$C config --quiet', expect: 0 },
    invalid('an unknown key of a service', 'services:\n  web:\n    imag: x\n'),
    invalid('an unknown key at the top', one('') + 'service: {}\n'),
    invalid('an unknown key of a health check', one('    healthcheck: {tests: x}\n')),
    invalid('ports that are no list', one('    ports: "80:80"\n')),
    invalid('an image that is no text', 'services:\n  web:\n    image: [a]\n'),
    invalid('a service that is no mapping', 'services:\n  web: text\n'),
    invalid('services that are a list', 'services: [a]\n'),
    invalid('neither image nor build', 'services:\n  web:\n    restart: always\n'),
    invalid('a required variable', one('    environment: {A: "${A:?must be set}"}\n')),
    invalid('a variable that is not set', one('    environment: {A: "$A ${B}"}\n')),
    invalid(
      'a broken variable',
      one('    environment: {A: "${A!}"}\n'),
      /invalid interpolation format for services\.web\.environment\.A/,
    ),
    invalid('a missing env_file', one('    env_file: none.env\n')),
    invalid(
      'an optional env_file that is missing',
      one('    env_file: [{path: none.env, required: false}]\n'),
    ),
    invalid('an unknown dependency', one('    depends_on: [db]\n')),
    invalid(
      'a dependency cycle',
      'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n',
      /dependency cycle detected/,
    ),
    invalid('an undefined network', one('    networks: [n]\n')),
    invalid('an undefined volume', one('    volumes: ["data:/data"]\n')),
    invalid('a port that is no number', one('    ports: ["abc:80"]\n')),
    invalid('a bad duration', one('    stop_grace_period: soon\n'), /invalid duration/),
    invalid('broken YAML', 'services:\n  web: [\n', /^yaml: /m),
    invalid('an empty file', '', 'exact'),
    { title: 'no file at all', file: null, run: '$C config', compare: 'exact' },
    { title: 'no file in the directory', run: 'docker compose ps', compare: 'exact' },
    {
      title: 'a bad project name',
      file: one(''),
      run: 'docker compose -p Bad.Name config -q',
      compare: /invalid project name/,
    },
    { title: 'an unknown flag', run: '$C up --badflag', compare: 'exact' },
    { title: 'an unknown compose command', run: '$C nonsense >/dev/null', compare: 'exact' },
    { title: 'an unknown docker command', run: 'docker nonsense', compare: 'exact' },
    { title: 'the version of compose', run: 'docker compose version --short', compare: 'exact' },
    { title: 'the version of compose, long', run: 'docker compose version', compare: 'exact' },
    {
      title: 'the version of the engine',
      run: "docker version --format '{{.Server.Version}} {{.Client.Version}}'",
      compare: 'exact',
    },
    {
      title: 'the engine in a word',
      run: "docker info --format '{{.Driver}} {{.ServerVersion}}'",
      compare: 'exact',
    },
  ],
};

const pulling: Chapter = {
  title: 'pulling',
  probes: [
    {
      title: 'a tag that does not exist',
      file: one('').replace('web:1', 'web:9'),
      run: '$C pull',
      compare: 'exact',
      expect: 18,
    },
    { title: 'quietly', run: '$C pull --quiet', compare: 'exact', expect: 18 },
    { title: 'by up', run: '$C up -d', compare: 'exact', expect: 18 },
    { title: 'by docker', run: 'docker pull registry.lab:5000/web:9', compare: 'exact', expect: 1 },
    { title: 'an image that does not exist', run: 'docker pull registry.lab:5000/nope:1', compare: 'exact' },
    {
      title: 'a registry nobody runs',
      file: one('').replace(':5000', ':5999'),
      run: '$C pull --quiet',
      compare: 'exact',
      expect: 18,
    },
    {
      title: 'a registry without an address',
      run: 'docker pull nohost.example/web:9',
      compare:
        /^Error response from daemon: Get "<scheme>:\/\/nohost\.example\/v2\/": dial tcp: lookup nohost\.example/,
    },
    {
      title: 'a name Docker refuses',
      run: 'docker pull registry.lab:5000/Web:1',
      compare: /invalid reference format: repository name must be lowercase/,
    },
    { title: 'an image that exists', file: one(''), run: '$C pull', compare: 'exact', expect: 0 },
    { title: 'again', run: '$C pull', compare: 'exact' },
    { title: 'quietly when there is nothing new', run: '$C pull --quiet', compare: 'exact' },
    {
      title: 'by docker when there is nothing new',
      run: 'docker pull -q registry.lab:5000/web:1',
      compare: 'exact',
    },
    { title: 'only what is missing', run: '$C pull --policy missing', compare: 'exact' },
    {
      title: 'what is known of the image',
      run: 'docker image inspect registry.lab:5000/web:1',
      compare: 'json',
    },
    {
      title: 'its digest',
      run: "docker image inspect registry.lab:5000/web:1 --format '{{json .RepoDigests}} {{index .RepoDigests 0}}'",
      compare: 'exact',
    },
    {
      title: 'tagging it',
      run: "docker tag registry.lab:5000/web:1 keep:me && docker image inspect keep:me --format '{{json .RepoTags}}'",
      compare: 'exact',
    },
    { title: 'running it under the kept name', run: 'docker rmi keep:me', compare: 'exact' },
    { title: 'an image that is not here', run: 'docker image inspect nope', compare: 'exact', expect: 1 },
    { title: 'tagging what is not here', run: 'docker tag nope x:1', compare: 'exact', expect: 1 },
  ],
};

const pair = `services:
  web:
    image: registry.lab:5000/web:1
    init: true
    ports: ["8080:80"]
    restart: unless-stopped
    environment: {A: "1"}
    volumes: [data:/data, ./conf:/conf:ro]
    labels: {x.y: z}
  side:
    image: registry.lab:5000/well:1
    init: true
    depends_on: [web]
volumes: { data: {} }
`;

const running: Chapter = {
  title: 'running',
  probes: [
    { title: 'the first time', file: pair, run: '$C up -d', compare: 'exact', expect: 0 },
    { title: 'when nothing changed', run: '$C up -d', compare: 'exact' },
    { title: 'what is listed', run: '$C ps --all --format json', compare: 'json-lines' },
    { title: 'and what docker lists', run: "docker ps -a --format '{{json .}}'", compare: 'json-lines' },
    {
      title: 'names and states',
      run: 'docker ps -a --format \'{{.Names}} {{.State}} {{.Image}} {{.Ports}} {{.Label "x.y"}}\'',
      compare: 'exact',
    },
    { title: 'a container in full', run: 'docker inspect $P-web-1', compare: 'json' },
    {
      title: 'parts of it',
      run: "docker inspect $P-web-1 --format '{{json .HostConfig.PortBindings}} {{json .NetworkSettings.Ports}} {{json .HostConfig.RestartPolicy}} {{json .HostConfig.Binds}} {{.RestartCount}} {{.State.Status}}'",
      compare: 'exact',
    },
    {
      title: 'its mounts',
      run: "docker inspect $P-web-1 --format '{{range .Mounts}}{{println .Type .Source .Destination .RW}}{{end}}'",
      compare: 'lines',
    },
    {
      title: 'a label',
      run: 'docker inspect $P-web-1 --format \'{{index .Config.Labels "com.docker.compose.service"}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}\'',
      compare: 'exact',
    },
    {
      title: 'health arrives',
      after: '[ "$(docker inspect $P-side-1 --format "{{.State.Health.Status}}")" = healthy ]',
      run: "docker inspect $P-side-1 --format '{{.State.Health.Status}} {{.State.Health.FailingStreak}} {{json .Config.Healthcheck}}'",
      compare: 'exact',
    },
    { title: 'projects', run: 'docker compose ls --all --format json', compare: 'value' },
    { title: 'volumes', run: 'docker volume ls -q | grep ^$P', compare: 'exact' },
    {
      title: 'networks',
      run: "docker network ls --format '{{.Name}} {{.Driver}}' | grep ^$P",
      compare: 'exact',
    },
    { title: 'the images in use', run: '$C images --format json', compare: 'json' },
    {
      title: 'another environment recreates',
      file: pair.replace('"1"}', '"2"}'),
      run: '$C up -d',
      compare: 'exact',
    },
    {
      title: 'another image recreates',
      file: pair.replace('web:1', 'web:2'),
      run: '$C up -d',
      compare: 'exact',
    },
    { title: 'forced', run: '$C up -d --force-recreate --no-deps web', compare: 'exact' },
    { title: 'one service only', run: '$C up -d web', compare: 'exact' },
    { title: 'stopping', run: '$C stop', compare: 'exact' },
    { title: 'stopped containers', run: '$C ps --all --format json', compare: 'json-lines' },
    { title: 'are hidden', run: '$C ps --format json', compare: 'exact' },
    { title: 'starting', run: '$C start', compare: 'exact' },
    { title: 'restarting one', run: '$C restart web', compare: 'exact' },
    {
      title: 'waiting until all are well',
      run: '$C up -d --wait --wait-timeout 20',
      compare: 'lines',
      expect: 0,
    },
    {
      title: 'a service left out of the file',
      file: pair.replace(/ {2}side:[\s\S]*?depends_on: \[web\]\n/, ''),
      run: '$C up -d',
      compare: 'exact',
    },
    { title: 'is removed when asked', run: '$C up -d --remove-orphans', compare: 'exact' },
    {
      title: 'without a container there is nothing to start',
      file: pair,
      run: '$C start',
      compare: 'exact',
    },
    { title: 'taking down', run: '$C down', compare: 'exact' },
    { title: 'the volume is kept', run: 'docker volume ls -q | grep ^$P', compare: 'exact' },
    { title: 'taking down again', run: '$C down', compare: 'exact' },
    { title: 'with the volumes', run: '$C up -d 2>/dev/null; $C down -v', compare: 'lines' },
    { title: 'stopping what is not there', run: '$C stop', compare: 'exact' },
    { title: 'listing what is not there', run: '$C ps -a --format json', compare: 'exact' },
    { title: 'inspecting what is not there', run: 'docker inspect nope', compare: 'exact' },
    { title: 'logs of what is not there', run: 'docker logs nope', compare: 'exact' },
  ],
};

const failing: Chapter = {
  title: 'failing',
  probes: [
    {
      title: 'a port another container has',
      file: `services:\n  a: {image: "registry.lab:5000/web:1", init: true, ports: ["8090:80"]}\n  b: {image: "registry.lab:5000/web:1", init: true, ports: ["8090:80"], depends_on: [a]}\n`,
      run: '$C up -d',
      compare: 'exact',
      expect: 1,
    },
    {
      title: 'leaves it created',
      run: "docker ps -a --format '{{.Names}} {{.State}}' | sort",
      compare: 'exact',
    },
    { title: 'and it is taken down', run: '$C down', compare: 'exact' },
    {
      title: 'a port another program has',
      file: one('    init: true\n    ports: ["22:80"]\n'),
      run: '$C up -d',
      compare: 'exact',
      expect: 1,
    },
    { title: 'and that is taken down too', run: '$C down', compare: 'exact' },
    {
      title: 'a program that ends',
      file: one('').replace('web:1', 'crash:1'),
      run: '$C up -d',
      compare: 'exact',
      expect: 0,
    },
    {
      title: 'is seen as ended',
      after: '[ "$(docker inspect $P-web-1 --format "{{.State.Status}}")" = exited ]',
      run: "docker inspect $P-web-1 --format '{{.State.ExitCode}} {{.State.Running}} {{.RestartCount}} {{.State.Error}}'",
      compare: 'exact',
    },
    { title: 'with its log', run: '$C logs --no-color --no-log-prefix --tail 5 web', compare: 'exact' },
    { title: 'with its log, named', run: '$C logs --no-color --tail 5', compare: 'exact' },
    { title: 'with its log, by docker', run: 'docker logs --tail 1 $P-web-1', compare: 'exact' },
    {
      title: 'is a failure when waited for',
      run: '$C up -d --wait --wait-timeout 10',
      compare: 'exact',
      expect: 1,
    },
    {
      title: 'a program that ends and is restarted',
      file: one('    restart: on-failure:2\n').replace('web:1', 'crash:1'),
      run: '$C up -d',
      compare: 'exact',
    },
    {
      title: 'as often as allowed',
      after: '[ "$(docker inspect $P-web-1 --format "{{.State.Status}} {{.RestartCount}}")" = "exited 2" ]',
      run: "docker inspect $P-web-1 --format '{{.State.ExitCode}} {{.RestartCount}}'; docker logs $P-web-1",
      compare: 'exact',
    },
    {
      title: 'a program that is restarted for ever',
      file: one('    restart: always\n').replace('web:1', 'crash:1'),
      run: '$C up -d',
      compare: 'exact',
    },
    {
      title: 'counts its restarts',
      after: '[ "$(docker inspect $P-web-1 --format "{{.RestartCount}}")" -ge 2 ]',
      run: 'docker inspect $P-web-1 --format "{{if .State.Restarting}}restarting{{else}}between{{end}}" >/dev/null',
      compare: 'exit',
    },
    {
      title: 'and shows as such',
      after: '[ "$(docker inspect $P-web-1 --format "{{.State.Status}}")" = restarting ]',
      run: 'true',
      compare: 'exit',
    },
    {
      title: 'health that never comes',
      file: one('    stop_grace_period: 0s\n').replace('web:1', 'sick:1'),
      run: '$C up -d --wait --wait-timeout 20',
      compare: 'exact',
      expect: 1,
    },
    {
      title: 'is seen',
      run: "docker inspect $P-web-1 --format '{{.State.Status}} {{.State.Health.Status}}'",
      compare: 'exact',
    },
    { title: 'in the list', run: '$C ps --format json', compare: 'json-lines' },
    {
      title: 'a dependency that is not well',
      file: `services:\n  web: {image: "registry.lab:5000/web:1", stop_grace_period: 0s, depends_on: {b: {condition: service_healthy}}}\n  b: {image: "registry.lab:5000/sick:1", stop_grace_period: 0s}\n`,
      run: '$C up -d',
      compare: 'lines',
      expect: 1,
    },
    {
      title: 'a dependency that had to finish and failed',
      file: `services:\n  web: {image: "registry.lab:5000/web:1", stop_grace_period: 0s, depends_on: {b: {condition: service_completed_successfully}}}\n  b: {image: "registry.lab:5000/crash:1", stop_grace_period: 0s}\n`,
      run: '$C up -d',
      compare: 'lines',
      expect: 1,
    },
    { title: 'and away with it', run: '$C down -v --remove-orphans', compare: 'lines' },
    {
      title: 'a network somebody else should have made',
      file: one('    networks: [n]\n') + 'networks: {n: {external: true, name: nobodys}}\n',
      run: '$C up -d',
      compare: 'exact',
      expect: 1,
    },
    {
      title: 'a volume somebody else should have made',
      file: one('    volumes: ["vol:/v"]\n') + 'volumes: {vol: {external: true, name: nobodys}}\n',
      run: '$C up -d',
      compare: /external volume "nobodys" not found/,
      expect: 1,
    },
    {
      title: 'a name another container has',
      file: one('    container_name: same\n    stop_grace_period: 0s\n'),
      run: '$C up -d 2>/dev/null; docker compose -p other -f docker-compose.yml up -d',
      compare: /Conflict\. The container name "\/same" is already in use by container/,
      expect: 1,
    },
    {
      title: 'after all of it',
      run: '$C down -v --remove-orphans; docker compose -p other down -v',
      compare: 'lines',
    },
  ],
};

const asking: Chapter = {
  title: 'asking the engine',
  probes: [
    { title: 'something that runs', file: pair, run: '$C up -d', compare: 'lines' },
    {
      title: 'and is well',
      after: '[ "$(docker inspect $P-side-1 --format "{{.State.Health.Status}}")" = healthy ]',
      run: 'true',
      compare: 'exit',
    },
    ...[
      'GET /_ping',
      'GET /version',
      'GET /info',
      'GET /containers/json',
      'GET /containers/json?all=1',
      'GET /v1.41/containers/json?all=true',
      'GET /containers/json?all=1&filters=%7B%22label%22%3A%5B%22com.docker.compose.project%3D$P%22%5D%7D',
      'GET /containers/json?all=1&filters=%7B%22label%22%3A%5B%22com.docker.compose.project%22%2C%22x.y%3Dz%22%5D%7D',
      'GET /containers/json?all=1&filters=%7B%22name%22%3A%5B%22$P-web%22%5D%7D',
      'GET /containers/json?filters=%7B%22status%22%3A%5B%22exited%22%5D%7D',
      'GET /containers/json?filters=%7B%22nonsense%22%3A%5B%22x%22%5D%7D',
      'GET /containers/json?filters=bad',
      'GET /containers/$P-web-1/json',
      'GET /containers/$P-side-1/json',
      'GET /containers/nope/json',
      'GET /containers/$P-web-1/logs',
      'GET /containers/nope/logs?stdout=1',
      'GET /containers/$P-web-1/logs?stdout=1&stderr=1&tail=5',
      'GET /images/json',
      'GET /images/registry.lab:5000/web:1/json',
      'GET /images/registry.lab%3A5000%2Fweb%3A1/json',
      'GET /images/nope:1/json',
      'GET /distribution/registry.lab:5000/web:2/json',
      'GET /distribution/registry.lab:5000/web:9/json',
      'GET /distribution/registry.lab:5000/nope:1/json',
      'GET /distribution/registry.lab:5999/nope:1/json',
      'POST /images/create?fromImage=registry.lab:5000/web&tag=2',
      'POST /images/create?fromImage=registry.lab:5000/web:1',
      'POST /images/create?fromImage=registry.lab:5000/web&tag=9',
      'POST /images/create?fromImage=registry.lab:5999/web&tag=9',
      'POST /images/registry.lab:5000/web:1/tag?repo=keep&tag=me',
      'GET /images/keep:me/json',
      'DELETE /images/keep:me',
      'POST /images/nope:1/tag?repo=keep&tag=me',
      'GET /volumes',
      'GET /volumes/$P_data',
      'GET /volumes/nope',
      'DELETE /volumes/$P_data',
      'GET /networks',
      'GET /nosuch',
      'GET /v1.99/containers/json',
      'POST /containers/$P-side-1/stop?t=1',
      'POST /containers/$P-side-1/stop?t=1',
      'POST /containers/$P-side-1/start',
      'POST /containers/$P-side-1/start',
      'POST /containers/$P-side-1/restart?t=1',
      'POST /containers/nope/start',
      'DELETE /containers/$P-side-1',
      'DELETE /containers/$P-side-1?force=1',
      'DELETE /containers/$P-side-1',
      'DELETE /images/nope:1',
    ].map((api, index, all): Probe => ({
      title: all.indexOf(api) === index ? api : `${api}, again`,
      api,
      compare: api === 'GET /info' ? 'subset' : 'json',
    })),
    { title: 'and away with it', run: '$C down -v', compare: 'lines' },
  ],
};

const without: Chapter = {
  title: 'without the daemon',
  probes: [
    { title: 'listing', run: 'docker ps', compare: 'exact' },
    { title: 'projects', run: 'docker compose ls', compare: 'exact', expect: 1 },
    { title: 'up', file: one(''), run: '$C up -d', compare: 'exact', expect: 1 },
    { title: 'pull', run: '$C pull', compare: 'exact', expect: 1 },
    { title: 'down', run: '$C down', compare: 'exact', expect: 1 },
    { title: 'reading a file goes on', run: '$C config --quiet', compare: 'exact', expect: 0 },
    { title: 'the version of compose too', run: 'docker compose version --short', compare: 'exact' },
    {
      title: 'the version of the engine',
      run: "docker version --format '{{.Server.Version}}'",
      compare:
        /Cannot connect to the Docker daemon at unix:\/\/\/var\/run\/docker\.sock\. Is the docker daemon running\?/,
      expect: 1,
    },
  ],
};

export const chapters = { reading, pulling, running, failing, asking, without } as const;
