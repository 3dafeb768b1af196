import { randomBytes } from "node:crypto";
import * as client from "openid-client";

import { plainLine } from "../../pipeline/plain-text.ts";
import { type OidcSettings, returnPath, roleOf } from "./oidc-settings.ts";
import type { Account } from "./users.ts";

const minute = 60_000;

/** How long somebody may take to log in there, in milliseconds. */
const patience = 10 * minute;

/** How many may be at it at once; the oldest are forgotten first. */
const most = 1_000;

/** What has to come back as it was sent, so that nobody logs somebody else in. */
interface Begun {
  verifier: string;
  state: string;
  nonce: string;
  to: string;
  until: number;
}

/** How a login there ended; `to` is where they wanted to go. */
export type Returned = { account: Account; to: string } | { refused: string };

/** People who log in at an OpenID Connect provider, by the authorization code flow with PKCE. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #secret: string;
  readonly #begun = new Map<string, Begun>();
  #configuration: Promise<client.Configuration> | undefined;

  constructor(settings: OidcSettings, secret: string) {
    this.#settings = settings;
    this.#secret = secret;
  }

  /** What people know it by. */
  get name(): string {
    return new URL(this.#settings.issuer).host;
  }

  /**
   * Begins a login.
   * @param to the path of this site that they want to go to
   * @returns where to send the browser, and by what its cookie tells that it is the same one
   * @throws Error when the provider does not answer
   */
  async begin(to: string): Promise<{ address: string; id: string }> {
    const configuration = await this.#discovered();
    const verifier = client.randomPKCECodeVerifier();
    const begun = {
      verifier,
      state: client.randomState(),
      nonce: client.randomNonce(),
      to,
      until: Date.now() + patience,
    };
    const id = randomBytes(32).toString("base64url");
    this.#begun.set(id, begun);
    const [first] = this.#begun.keys();
    if (this.#begun.size > most && first !== undefined) this.#begun.delete(first);
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: new URL(returnPath, this.#settings.dashboard).href,
      scope: this.#settings.scope,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: begun.state,
      nonce: begun.nonce,
    });
    return { address: address.href, id };
  }

  /** Ends a login, with what the provider sent the browser back with. */
  async finish(id: string | undefined, query: string): Promise<Returned> {
    const begun = this.#begun.get(id ?? "");
    this.#begun.delete(id ?? "");
    if (!begun || begun.until < Date.now()) return { refused: "This login was not begun here, or too long ago" };
    const back = new URL(returnPath + query, this.#settings.dashboard);
    const checks = { pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce };
    try {
      const configuration = await this.#discovered();
      const tokens = await client.authorizationCodeGrant(configuration, back, { ...checks, idTokenExpected: true });
      const own = tokens.claims();
      if (!own) return { refused: `${this.name} does not say who it is` };
      // Providers may tell groups and names there alone.
      const more = configuration.serverMetadata().userinfo_endpoint
        ? await client.fetchUserInfo(configuration, tokens.access_token, own.sub)
        : {};
      return this.#account({ ...own, ...more }, begun.to);
    } catch (error) {
      return { refused: `${this.name} did not log anybody in: ${plainLine(messageOf(error), 200)}` };
    }
  }

  #account(claims: Record<string, unknown>, to: string): Returned {
    const { name: nameClaim, roles } = this.#settings;
    const name = plainLine(String(claims[nameClaim] ?? claims.email ?? claims.sub), 64);
    const role = roleOf(claims[roles.claim], this.#settings);
    if (!role) return { refused: `${name} may do nothing here: no value of ${roles.claim} gives a role` };
    // By the address it is known who wrote a commit, and does not approve it.
    const isKnown = claims.email_verified === true && typeof claims.email === "string";
    if (!isKnown && role !== "view") return { refused: `${this.name} says no verified e-mail address of ${name}` };
    return { account: { name, role, emails: isKnown ? [claims.email as string] : [] }, to };
  }

  #discovered(): Promise<client.Configuration> {
    const { issuer, client: id } = this.#settings;
    const address = new URL(issuer);
    const execute = address.protocol === "http:" ? [client.allowInsecureRequests] : [];
    this.#configuration ??= client.discovery(address, id, undefined, client.ClientSecretBasic(this.#secret), {
      execute,
    });
    const found = this.#configuration;
    found.catch(() => {
      this.#configuration = undefined;
    });
    return found;
  }
}

const messageOf = (error: unknown): string => {
  if (error instanceof client.AuthorizationResponseError) return error.error_description ?? error.error;
  if (error instanceof client.ResponseBodyError) return error.error_description ?? error.error;
  return error instanceof Error ? error.message : String(error);
};
