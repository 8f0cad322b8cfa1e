import { toUser } from '../wire.ts';
import { ok, type Route } from './route.ts';
import type { World } from '../world.ts';

/** Where the gateway is, and who the bot is. `identifies` tells how many sessions were started. */
export function gatewayRoutes(identifies: () => number): readonly Route[] {
  const url = ({ origin }: World) => origin().replace('http', 'ws');
  return [
    { method: 'GET', template: '/gateway', open: true, answer: ({ world }) => ok({ url: url(world) }) },
    {
      method: 'GET',
      template: '/gateway/bot',
      answer: ({ world }) =>
        ok({
          url: url(world),
          shards: 1,
          session_start_limit: {
            total: 1000,
            remaining: Math.max(0, 1000 - identifies()),
            reset_after: 86_400_000,
            max_concurrency: 1,
          },
        }),
    },
    { method: 'GET', template: '/users/@me', answer: ({ world }) => ok(self(world)) },
    { method: 'GET', template: '/applications/@me', answer: ({ world }) => ok(application(world)) },
    { method: 'GET', template: '/oauth2/applications/@me', answer: ({ world }) => ok(application(world)) },
    { method: 'GET', template: '/users/@me/guilds', answer: ({ world }) => ok([partialGuild(world)]) },
  ];
}

function self({ state }: World) {
  const bot = state.users.get(state.botId);
  if (bot === undefined) throw new Error('the bot has no user');
  return { ...toUser(bot), mfa_enabled: true, locale: 'en-US', verified: true, email: null, bot: true };
}

function application(world: World) {
  const { state } = world;
  const bot = self(world);
  return {
    id: state.applicationId,
    name: bot.username,
    icon: null,
    description: '',
    type: null,
    bot,
    summary: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    eligible_oauth2_scopes: [],
    hook: true,
    integration_types_config: { '0': {} },
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: toUser(
      state.users.get(state.guild.ownerId) ?? {
        id: state.guild.ownerId,
        name: 'owner',
        bot: false,
        roles: [],
      },
    ),
    approximate_guild_count: 1,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    interactions_event_types: [],
    interactions_version: 1,
    explicit_content_filter: 0,
    rpc_origins: [],
    event_webhooks_status: 1,
    event_webhooks_types: [],
    event_webhooks_url: null,
    team: null,
  };
}

function partialGuild({ state }: World) {
  const { id, name, ownerId } = state.guild;
  return {
    id,
    name,
    icon: null,
    banner: null,
    owner: ownerId === state.botId,
    permissions: '0',
    features: [],
  };
}
