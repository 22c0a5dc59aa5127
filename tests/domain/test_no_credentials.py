"""No credentials: causes, names, identifiers and numbers stay as they are, to the letter."""

import pytest

from chalicelib.domain.redaction import redacted


@pytest.mark.parametrize(
    "text",
    [
        # What stands for a credential, or is called as one.
        *("postgres://app:***@db/shop", "postgres://app:xxxxx@db/shop", "https://${GITHUB_TOKEN}@git.example.net/shop"),
        *("pwd=/var/task", "PWD=/home/app OLDPWD=/", "secret MySQLRootUser could not be found"),
        *("security code for port 8443", "--token string   what to sign in with", "WPA-PSK: enabled"),
        *('Bearer error="invalid_token", error_description="expired"', "Key (lower(email::text))=(bob@example.net)"),
        *("net use Z: /delete", "net use Z: \\\\files\\in * /user:bob", "a1 NO LOGIN failed", "main.go:1234:a:b:see"),
        *("fe80::1234:a:b:cdef", "2001:0db8:85a3:a:b:8a2e:370:7334", "ROOT LOGIN ON ttyS10"),
        # What went wrong with a credential.
        *(
            "cannot fetch token: 401 Unauthorized",
            "failed to get token: connection refused",
            "get token: invalid_grant",
        ),
        *(
            "oauth2: cannot fetch token: 400 Bad Request",
            "token: EOF",
            "token: context deadline exceeded",
            "jwt malformed",
        ),
        *(
            "failed to load private key: open /etc/ssl/key.pem: no such file",
            "secret: not found",
            "signature: mismatch",
        ),
        *(
            "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
            "auth: failed",
            "session: closed",
            "otp: expired",
        ),
        *('FATAL: password authentication failed for user "app"', "Authorization: missing", "api key: invalid"),
        *(
            "Failed password for invalid user admin from 10.0.0.1 port 53312 ssh2",
            "credentials: none",
            "cookie: missing",
        ),
        *(
            'WWW-Authenticate: Bearer error="invalid_token"',
            "password: is required",
            "Basic auth: off",
            "pass: 12 fail: 0",
        ),
        *(
            "AttributeError: 'NoneType' object has no attribute 'token'",
            "KeyError: 'password'",
            "token: [Errno 111] refused",
        ),
        *("option --password requires a value", "usage: app --token TOKEN", "token: 'NoneType' object is not callable"),
        *(
            '{"errors":{"password":["is too short (minimum is 8 characters)"]}}',
            '{"password":"must be at least 12 characters"}',
        ),
        # What is put in elsewhere, and how something is signed.
        *("password = {{ vault_password }}", "token: ${{ secrets.DEPLOY_TOKEN }}", "sig=ecdsa_secp256r1_sha256"),
        *("body eyJvcmRlciI6NywidG90YWwiOjEyfQ== is odd", "usage: htpasswd -b passwdfile username"),
        *("secret: !Ref DepotSecret", "password: env(DEPOT_PASSWORD)", "TOKEN=$(cat /depot/token)"),
        # Structure.
        *(
            '{"message":"wrong password:","user":"bob"}',
            "{'message': 'wrong password:', 'user': 'bob'}",
            '{"token":"expired"}',
        ),
        *('{"usage": {"prompt_tokens": 812, "tokens": 7}}', '{"pass": 12, "fail": 0}', "Unexpected token: }", "[1] {"),
        # What has such a name and is another thing.
        *(
            "next_token=abc123def456",
            "max_tokens=4096",
            "token_type: bearer",
            "apiKeyId=shop-web-key",
            "secret_name=prod/db",
        ),
        *("api_keys=3", "proxy_pass=http://api:8080", "password_hash=argon2", "password: required=true"),
        *("signature=(II)Ljava/lang/String;", "credentials=/home/app/.aws/credentials", "token=/run/secrets/token"),
        *("routing key=orders.created", "<Key>a/b.csv</Key>", "<key>price</key><string>7</string>", 'Secret("db")'),
        *("password is PostgreSQL", "the token is OAuth", '{error, "token"}', "getCookie('theme')"),
        *('INSERT INTO t (a, token) VALUES (?, ?) params: ["x", null]', "Key (id)=(7) already exists."),
        *('INSERT INTO t (a) VALUES (?) params: ["x"]', "7 is your limit", "get_token('a1b2')"),
        *('unrecognized token: "#"', "existingSecret: shop-db", "DKIM-Signature: v=1; a=rsa-sha256", "pin code: on"),
        *("at a.Order$1$ProcessingTaskImplementation.run(Order.java:7)", "a.Job$$anonfun$1$$anonfun$apply$2.apply(x)"),
        *(
            "only for a SecureString parameter",
            "vault operator unseal to go on",
            "kinit -k host/a.example.org@EXAMPLE.ORG",
        ),
        *("sqlcmd -S db -K ReadOnly", "wrk -u https://shop.example.org/x"),
        *("secret myAppDbCreds was not found", 'secret "shopAbDbCreds" does not exist'),
        *("branch PT-1234-fix-login-timeouts-in-shop", "ST-42-update-documentation-of-vans: failed"),
        "mnemonic was rejected because the wallet could not read and verify each word",
        *("<name>token</name><type>text</type>", "<element><name>password</name><minLength>8</minLength>"),
        *("/confirm-orders/shop-7d9f8b6c5d-x2k4p-canary", "/var/log/password-service/release-2026-02-04-shop"),
        *("docker exec a sh -c ls", "password changed for user user4242", "GET /reset/orders", "keytool: -v\nab12cd34"),
        *("partition key=orders-7", "idempotency-key=order-7", "keyVersion=7", "auth=ldap", "auth provider: cognito"),
        *(
            "signature_method=HMAC-SHA256",
            "sig=v1",
            "received sig: SIGTERM",
            "pin=GPIO17",
            "dsn=mysql",
            "mapping: done",
        ),
        *(
            "SecretId: prod/shop/db",
            "secret_id=prod/shop",
            'secrets "regcred" not found',
            'secret "my-app-tls2x" not found',
        ),
        *(
            "com.acme.auth.TokenService: cache miss",
            "BadCredentialsException: Bad credentials",
            "tokenizer: x",
            "hotkey: f1",
        ),
        # What stands in for one.
        *(
            "password=***",
            "password='***'",
            "password=${DB_PASSWORD}",
            "WHERE password = $1",
            "password: {{ .Values.pw }}",
        ),
        *("INSERT INTO users (name, password) VALUES (?, ?)", "password: [FILTERED]", "INSERT INTO t (a) VALUES (1)"),
        # Identifiers, digests, paths and numbers.
        *("arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop-AbCdEf", "i-0abcdef1234567890"),
        *("from arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop-AbCdEf:password::", "ssn missing"),
        *("/app/PaymentReconciliationRunnerProd2Blu", "at com.acme.VeryLongClassNameForTheOrderRepository9Impl.save"),
        *("2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "digest 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        *("image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "Digest mismatch"),
        *("x-amz-id-2: eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran", "phone +4915112345678"),
        *("order 1234567890123456 not found", "pin 7 of gpio", "error code=1234567890", "GET /callback?code=404"),
        *("POST /oauth/callback?code=404 failed", "DE00370400440532013000", "AB12CD34EF", "code: 482913"),
        # Addresses and commands.
        *(
            "https://shop.example.com:8080/a@b",
            "https://shop.example.com/users/@me",
            "ssh://git@github.com/acme/app.git",
        ),
        *(
            "https://a.example/b/c:d/e@f",
            "https://ann@example.com/",
            "http://u:@h/",
            "mysql -h db -P 3306 -u app -p shop",
        ),
        *(
            "docker run -u 1000:1000 van",
            "date -u +%H:%M:%S",
            "date -u '+%H:%M'",
            "go build -unsafe:on",
            "x -update:all",
        ),
        *(
            "worker:1234:INFO:van.load:started",
            "app:8080:GET:vans:done",
            "session 3 LOGIN user bob99x",
            "step 3 LOGIN failed a1",
        ),
        *("PWD=/srv/van2/App", "pwd: /Users/Bob/van", "password::text = $1", "(token)::uuid IS NULL"),
        *("docker run -p 8080:80 nginx", "mkdir -p /var/app", "PASS tests/test_x.py 12", 'Bearer realm="x"'),
        *(
            "cookies=[]",
            "token expired",
            "password changed for user bob",
            "key: value",
            "password must be long",
            "pass=3",
            "license_key_id=shop-7",
            "INSERT INTO t (a) VALUES ('token')",
            "authorization: header missing",
            "AB12 CDEF 1234",
            "token: 5m30s",
            "password: 2025-11-18T07:42:10",
            "otp: 12",
            '{"tokens": ["a", "b"]}',
            "token: 12",
        ),
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text
