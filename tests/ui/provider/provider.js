// A company's OpenID provider on loopback: node provider.js <port> <redirect URI> <in token: yes or no>
import Provider from "oidc-provider";

const [port, redirectUri, inToken] = process.argv.slice(2);
const groups = { ana: ["engineering", "on call"], ben: ["staff"], eve: [] };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "hub",
    client_secret: "secret of/the+hub:",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  claims: { email: ["email", "email_verified"], profile: ["groups"] },
  conformIdTokenClaims: inToken !== "yes",
  cookies: { keys: ["a key of this test"] },
  features: { devInteractions: { enabled: true } },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true, groups: groups[id] }),
  }),
  pkce: { required: () => true },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
