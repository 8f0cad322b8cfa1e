import { lines } from './lines.ts';

/** A sentinel.yml to change: valid as it is, with addresses of nobody. */
export const starterInventory = lines(`
# yaml-language-server: $schema=schema/sentinel-schema.json
# The machines and systems around the services. Holds names of secrets, never a secret: their values are variables of
# the GitLab project or group, with these names.

domain: home.example.net # a service with subdomain: grafana is at grafana.home.example.net

defaults:
  user: deployer # commands run through “sudo -n” where it is not root
  key: homelab # in the pipeline the file in SSH_PRIVATE_KEY; in bot.yml a name under ssh.keys
  install_root: /opt # a service is put into /opt/<its name>
  environment:
    TZ: Etc/UTC

hosts:
  docker-01:
    address: 192.168.1.11
    purpose: Runs the services
    # What “ssh-keyscan -t ed25519 192.168.1.11” prints, without the address. Without it the host must be in the
    # variable SENTINEL_KNOWN_HOSTS; an unknown key is never trusted.
    # host_key: ssh-ed25519 AAAA…
  proxy-01:
    address: 192.168.1.20
    user: root
    purpose: Reverse proxy

# A branch staging may have other machines under the same names.
# environments:
#   staging:
#     domain: staging.home.example.net
#     hosts:
#       docker-01: { address: 192.168.1.31 }
#       proxy-01: { address: 192.168.1.20, user: root }

# Take away what you do not have.
systems:
  traefik:
    host: proxy-01
    directory: /opt/traefik/config/dynamic # the folder its file provider watches
    container: traefik
    api: http://192.168.1.20:8080
    entrypoints: [websecure]
    cert_resolver: letsencrypt
    # auth_middleware: authentik-auth

  dns:
    provider: pihole # or opnsense, with key and secret
    url: http://192.168.1.53
    password: PIHOLE_API_PASSWORD
    target: 192.168.1.20 # names lead to the proxy
    server: 192.168.1.53

  # authentik:
  #   url: https://auth.home.example.net
  #   token: AUTHENTIK_TOKEN
  #   outpost: traefik-outpost

  # glance:
  #   host: docker-01
  #   config: /opt/glance-config/glance.yml
  #   container: glance
  #   page: Home
  #   monitor: Services

  # Who is told how a pipeline or a deployment ended.
  # discord: { webhook: DISCORD_WEBHOOK_URL }
  # ntfy: { url: https://ntfy.sh, topic: homelab, token: NTFY_TOKEN }
  # webhook: { url: DEPLOYMENT_WEBHOOK_URL }
`);
