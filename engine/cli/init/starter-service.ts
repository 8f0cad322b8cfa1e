import { lines } from './lines.ts';

const identity = `service:
  name: whoami
  display_name: Who am I
  description: Answers with what it was asked; shows that everything works
  category: utilities
  version: v1.11.0`;

const around = `traefik:
  subdomain: whoami # https://whoami.home.example.net

dns:
  hostname: whoami

# With systems.authentik and systems.glance in sentinel.yml:
# authentik:
#   enabled: true
# glance:
#   bookmark:
#     group: Utilities

metadata:
  docs: https://github.com/traefik/whoami
`;

/** The example of a fleet: the compose file is generated from it. */
export const fleetService = lines(`
# yaml-language-server: $schema=../../schema/service-schema.json
# An example. Change it, copy it, or take it away; “sentinel init service” asks and writes another one.
${identity}

deployment:
  target_host: docker-01 # a name under hosts in sentinel.yml
  image: traefik/whoami:v1.11.0
  port: 8081 # on the host
  container_port: 80 # in the container

  # environment:
  #   WHOAMI_NAME: homelab
  # secrets:
  #   - name: API_KEY # the variable in the container
  #     source: WHOAMI_API_KEY # the variable in GitLab

  healthcheck:
    endpoint: /health

${around}`);

/** The example of a repository with one service. */
export const singleService = lines(`
# yaml-language-server: $schema=schema/service-schema.json
# An example: where the service runs and what the systems around it do for it. What runs is in
# config/docker-compose.yml.
${identity}

deployment:
  target_host: docker-01 # a name under hosts in sentinel.yml
  port: 8081 # on the host; SERVICE_PORT in the compose file
  container_port: 80

  # What is here becomes the .env beside the compose file on the host.
  environment:
    WHOAMI_NAME: homelab
  # secrets:
  #   - name: API_KEY # the variable in .env
  #     source: WHOAMI_API_KEY # the variable in GitLab

  healthcheck:
    endpoint: /health

${around}`);

export const singleCompose = lines(`
services:
  whoami:
    image: traefik/whoami:v1.11.0
    container_name: whoami
    restart: unless-stopped

    ports:
      - "\${SERVICE_PORT:-8081}:80"

    environment:
      - WHOAMI_NAME=\${WHOAMI_NAME:-whoami}
`);

export const singleEnvironment = lines(`
# What the compose file can be told; the real .env is written on the host by Sentinel.
SERVICE_PORT=8081
WHOAMI_NAME=homelab
`);
