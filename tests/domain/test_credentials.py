"""Credentials: every documented form is found, in all ways in which programs write one."""

import string
from random import Random

import pytest

from chalicelib.domain.redaction import redacted

HEX, UPPER, ALNUM = "0123456789abcdef", string.ascii_uppercase + "234567", string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
RANDOM = Random(7)
SECRET = "Zx9" + "kk21Qp"


def made(length: int, alphabet: str = ALNUM) -> str:
    return "".join(RANDOM.choice(alphabet) for _ in range(length))


# What each begins with and what follows, never together, lest it look as if a key stood here.
FORMS = (
    *(("ghp" + "_", made(36)), ("github" + "_pat_", made(60)), ("glpat" + "-", made(20)), ("gldt" + "-", made(20))),
    *(("hf" + "_", made(34, string.ascii_letters)), ("gsk" + "_", made(52)), ("dckr" + "_pat_", made(27))),
    *(("ATATT" + "3x", made(160)), ("ATBB", made(32)), ("NRAK" + "-", made(27, UPPER)), (made(36, HEX), "NRAL")),
    *(("PMAK" + "-", f"{made(24, HEX)}-{made(34, HEX)}"), ("npm" + "_", made(36)), ("pypi" + "-AgE", made(60))),
    *(
        ("sk" + "-proj-", made(60)),
        ("sk" + "-ant-api03-", made(90)),
        ("xox" + "p-", made(60)),
        ("xapp" + "-1-", made(60)),
    ),
    *(("sk" + "_live_", made(24)), ("rk" + "_live_", made(24)), ("whsec" + "_", made(32)), ("AI" + "za", made(35))),
    *(
        ("GOCSPX" + "-", made(28)),
        ("ya29" + ".", made(60)),
        ("SG" + ".", f"{made(22)}.{made(43)}"),
        ("hvs" + ".", made(24)),
    ),
    *(
        ("dop" + "_v1_", made(64, HEX)),
        ("shpat" + "_", made(32, HEX)),
        ("dapi", made(32, HEX)),
        ("ntn" + "_", made(46)),
    ),
    *(("pscale" + "_pw_", made(43)), ("lin" + "_api_", made(40)), ("figd" + "_", made(43)), ("sntrys" + "_", made(60))),
    *(
        ("glsa" + "_", f"{made(32)}_{made(8, HEX)}"),
        ("glc" + "_", made(60)),
        ("squ" + "_", made(40, HEX)),
        ("dp" + ".pt.", made(43)),
    ),
    *(
        ("tskey" + "-auth-", f"{made(12)}-{made(32)}"),
        ("HRKU" + "-", made(36)),
        ("r8" + "_", made(37)),
        ("pplx" + "-", made(48)),
    ),
    *(("xai" + "-", made(80)), ("nvapi" + "-", made(64)), ("SK", made(32, HEX)), ("key" + "-", made(32, HEX))),
    *((made(32, HEX), "-us12"), ("sq0" + "atp-", made(22)), ("EAA" + "A", made(60)), ("abc8Q~", made(34))),
    *((made(76) + "+A", "St" + made(5) + "Q=="), (made(14) + ".atlas", "v1." + made(67)), ("AKC" + "p", made(69))),
    *(("rubygems" + "_", made(48, HEX)), ("1//" + "0g", made(60)), ("xkeysib" + "-", f"{made(64, HEX)}-{made(16)}")),
    *(("CFPAT" + "-", made(43)), ("pul" + "-", made(40, HEX)), ("rnd" + "_", made(32)), ("sbp" + "_", made(40, HEX))),
    *(("AKIA", made(16, UPPER)), ("AB" + "SK", made(100)), ("LTAI", made(20)), ("oy2", made(43, LOWER))),
    *(
        ("lsv2" + "_pt_", f"{made(32, HEX)}_{made(10, HEX)}"),
        ("pcsk" + "_", made(60)),
        ("hcaik" + "_", made(58, LOWER)),
    ),
    *(
        ("AGE-SECRET" + "-KEY-1", made(58, UPPER)),
        ("110201543:", "AA" + made(33)),
        ("pat" + made(14), "." + made(64, HEX)),
    ),
    *(("LS0tLS1CRUdJ" + "TiBSU0EgUFJJVkFURSBLRVkt", made(60)), ("eyJhbG" + "ciOi", made(40))),
    *(("eyJhdXRo" + "cyI6", made(40)),),
    *(("CLO" + "JARS_", made(60, HEX)), ("sl" + ".u.", made(120)), ("TGT" + "-12-", made(40))),
    *(("sdk" + "-", "1b6e0d3c-77a2-4c05-9f3e-d0c1b2a39485"), ("kubeconfig" + "-u-x7k2p:", made(54, LOWER))),
    ("1/", f"{'7' * 16}:{made(32, HEX)}"),
    # What passwords are stored as.
    *(("$2y" + "$10$", made(53)), ("$apr1" + "$", f"{made(8)}${made(22)}"), ("$6" + "$", f"{made(16)}${made(86)}")),
    *(("$argon2id" + "$v=19$m=65536,t=3,p=4$", f"{made(22)}${made(43)}"), ("{SSHA" + "512}", made(64))),
    ("$P" + "$B", made(30)),
    ("pbkdf2_sha256" + "$870000$", f"{made(22)}${made(43)}="),
    *(("M" + made(23), f".{made(6)}.{made(38)}"), ("https://hooks.sl", "ack.com/services/T0/B0/" + made(24))),
)
PLACES = ("{}", "failed with {} today", "x={}&y=1", "'{}'", "a,{},b", "url/{}/end", r"line\n{}\n", "%20{}%20", "<{}>")


@pytest.mark.parametrize("form", FORMS, ids=[form[0][:12] for form in FORMS])
@pytest.mark.parametrize("place", PLACES)
def test_a_credential_of_a_documented_form_is_found(form: tuple[str, str], place: str) -> None:
    assert "".join(form) not in redacted(place.format("".join(form)))


@pytest.mark.parametrize("path", ["https://api.telegram.org/bot{}/sendMessage", "/bot{}/getUpdates"])
def test_the_token_of_a_bot_is_found_in_its_address(path: str) -> None:
    token = "110201543:" + "AA" + made(33)

    assert token not in redacted(path.format(token))


@pytest.mark.parametrize(
    "text",
    [
        # Headers, whatever the scheme.
        *("Authorization: GenieKey {}", "authorization: SSWS {}", "Authorization: Token {}", "Authorization: {}"),
        *("'Authorization': 'Bearer {}'", "{'authorization': 'Klaviyo-API-Key {}'}", "Authorization=Bearer%20{}"),
        *('-H "X-Api-Key: {}"', "X-Vault-Token: {}", "Ocp-Apim-Subscription-Key: {}", "map[X-Api-Key:[{}]]"),
        *('Authorization: OAuth oauth_token="{}"', 'Authorization: Digest realm="x", response="{}"', "DD-API-KEY: {}"),
        # Quotes as others write them.
        *("&quot;password&quot;:&quot;{}&quot;", "%22password%22%3A%22{}%22", r"\u0022password\u0022:\u0022{}\u0022"),
        *("password%3D{}%26user%3Dbob", "&#34;secret&#34;: &#34;{}&#34;", r"\"password\":\"{}\"", r"password\u003d{}"),
        # Files of settings.
        *("db:\n  password: |\n    {}\n  user: x", "password: >-\n  {}\nnext: 1", "- name: DB_PASSWORD\n  value: {}"),
        *(
            "ENV DB_PASSWORD {}",
            "$env:TOKEN = '{}'",
            'export API_KEY="{}"',
            "_authToken={}",
            "requirepass {}",
            "dbPass={}",
        ),
        # Statements and commands.
        *(
            "CREATE USER 'a'@'%' IDENTIFIED BY '{}'",
            "IDENTIFIED BY {}",
            "IDENTIFIED WITH sha2 BY '{}'",
            "PASSWORD('{}')",
        ),
        *(
            "CREATE LOGIN x WITH PASSWORD = N'{}'",
            "INSERT INTO t (id, password) VALUES (now(), '{}')",
            "SET pwd = '{}'",
        ),
        *("INSERT INTO t (token, id) VALUES ('a''b', 1), ('{}', 2)", "INSERT INTO t (pin, token) VALUES (DEFAULT, {})"),
        *("mysqldump -h db -u app -p{} shop", "mysql -uroot -p{}", "sshpass -p {} ssh x", "redis-cli -a {} ping"),
        *("docker login -u bob -p {} reg", "curl -u bob:{} https://x", "openssl rsa -passin pass:{} -in k", "AUTH {}"),
        *(
            "aws configure set aws_secret_access_key {}",
            "app --client-secret {}",
            "sqlplus scott/{}@db",
            "ftp: PASS {}",
        ),
        # Addresses.
        *("postgres://app:{}@db:5432/x", "root:{}@tcp(127.0.0.1:3306)/db", "jdbc:oracle:thin:scott/{}@db:1521/x"),
        *(
            "https://oauth2:{}@gitlab.com/a.git",
            "?X-Amz-Signature={}",
            "?sv=2020&sig={}&se=1",
            "jdbc:mysql://h/d?password={}",
        ),
        # Markup, objects and sentences.
        *(
            '<wsse:Password Type="x">{}</wsse:Password>',
            '<property name="password">{}</property>',
            "{User:a Password:{} }",
        ),
        *(
            "<password><![CDATA[{}]]></password>",
            "&lt;password&gt;{}&lt;/password&gt;",
            '<add key="ApiKey" value="{}"/>',
        ),
        *("User(name=bob, password={})", "wrong password '{}'", "password for ann: {}", "credentials ann:{} rejected"),
        *("invalid token {}", "password: {} for bob", "SAMLResponse={}", 'http.Header{"X-Api-Key":[]string{"{}"}}'),
        *('{"a":{"clientSecret":"{}"}}', 'body={"password":"{}"} failed', 'INFO {"password":"{}"} and {"secret":"{}"}'),
        *(
            "password for user app is {}",
            "keytool -list -storepass {} -v",
            "keytool -importkeystore -srcstorepass {} x",
        ),
        *("htpasswd -b /etc/htpasswd ann {}", "htpasswd -nbB ann {}", "SET PASSWORD FOR 'a'@'%' = '{}'", "sdk-key: {}"),
        *('{"ParameterKey":"DbPassword","ParameterValue":"{}"}', "Unseal Key 1: {}"),
        *("https://shop.azurewebsites.net/api/pay?x=1&code={}0123456789", "agent config add-authtoken {}"),
        *('["password"]=>\n  string(9) "{}"', "sshpass -p{} ssh x", "aeg-sas-key: {}", "CONNECT app/{}@db"),
        # Values as other languages print them.
        *("password: &pw {}", '{password,"{}"}', '#{token => <<"{}">>}', 'password: Optional("{}")', "adminpw={}"),
        *('secret_key = b"{}"', '$password\n[1] "{}"', 'ApiToken("{}a1b2c3d4")', 'auth=("bob", "{}")'),
        *(
            "<key>ApiSecret</key>\n<string>{}</string>",
            "X-Honeycomb-Team: {}",
            "code_verifier={}",
            "SECRET_KEY_BASE={}",
        ),
        # Beside a statement, or among a function's arguments.
        *("Key (id, api_token)=(7, {}) already exists.", "Key (token)=({}, {}) already exists."),
        "[SQL: INSERT INTO u (mail, password) VALUES (?, ?)] [parameters: ('a@example.org', '{}')]",
        "[SQL: UPDATE u SET mail=%s, password=%s WHERE id=%s] [parameters: ('a@example.org', '{}', 7)]",
        'INSERT INTO u (mail, secret) VALUES ($2, $1) -- PARAMETERS: ["{}", "x"]',
        'insert into u (pin, n) values (?, ?)\' with params ["{}", 3]',
        *("#1 db.php(3): mysqli->__construct('db', 'app', '{}')", "PDO->__construct('mysql:host=db', NULL, '{}')"),
        *("ldap_bind(Resource id #3, 'cn=a', '{}')", "password_verify('{}', 'x')"),
        *("snmpget -v2c -c {} h sysUpTime", "ipmitool -H h -U a -P {} power", "http -a bob:{} GET x"),
        *("Config(api_key=SecretStr('{}'))", "ParameterKey=DbPassword,ParameterValue={}", "password={9{}}"),
        "<member><name>password</name><value><string>{}</string></value></member>",
        "Field error in object 'a' on field 'password': rejected value [{}]; codes [x]",
        *("A temporary password is generated for root@localhost: {}", "password changed successfully to {}"),
        *("use the following password to proceed:\n\n{}\n", "vault operator unseal {}", "addauth digest super:{}"),
        *("rabbitmqctl add_user bob {}", 'ConvertTo-SecureString "{}" -AsPlainText', "bcp t in f -U sa -P {}"),
        "aws ssm put-parameter --type SecureString --value {}",
        *('node["db"]["password"] = "{}"', 'app["token"] = "{}"'),
        *('secrets={"a":"{}"}', '{"a":1} password={}', '[{"password":"{}"}', '{"key":"X-Api-Key","value":"{}"}'),
    ],
)
def test_a_secret_is_found_however_its_name_and_it_are_written(text: str) -> None:
    assert SECRET not in redacted(text.replace("{}", SECRET))


ATTACHED = (
    "mysql",
    "mysqldump",
    "sshpass",
    "mariadb-dump",
    "mydumper",
    "myloader",
    "plink",
    "pscp",
    "7z",
    "zip",
    "rar",
)
APART = (
    *("sshpass", "docker login", "podman login", "helm", "mongodump", "redis-cli", "sqlcmd", "ldapsearch", "az login"),
    *("mosquitto_pub", "kinit", "htpasswd", "skopeo login"),
)


@pytest.mark.parametrize(
    "command",
    [
        *(f"{program} -p{SECRET} x" for program in ATTACHED),
        *(f"{program} -p {SECRET} x" for program in APART),
        *(f"curl {option} ann:{SECRET} x" for option in ("-u", "--user", "--proxy-user")),
        *(f"openssl rsa -passin pass:{SECRET} x", f"openssl rsa -pass pass:{SECRET}"),
    ],
)
def test_what_each_program_takes_for_a_password_is_none_behind_it(command: str) -> None:
    assert SECRET not in redacted(command)


@pytest.mark.parametrize("password", ["p/ss9w/rd", "p@ss9w", "p:ss", "a?b#9", "ünicode9"])
@pytest.mark.parametrize(
    "address", ["postgres://app:{}@db:5432/x", "mongodb://u:{}@h1,h2/db", "redis://:{}@cache:6379/0"]
)
def test_a_password_in_an_address_may_hold_any_sign(address: str, password: str) -> None:
    clean = redacted(address.format(password))

    assert password not in clean
    assert clean == address.format("[redacted: password]")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        *(
            ("verification code: {}", "482913"),
            ("your OTP is {}", "482913"),
            ("One-time password is {}", "482913"),
            ("sms code {} sent", "482913"),
        ),
        *(("mfa_code={}", "482913"), ('{"pin":"{}"}', "4829"), ('{"cvv": {}}', "123"), ("otp: {}", "482913")),
        *(("SSN 078-05-1120".replace("078-05-1120", "{}"), "078-05-1120"), ("IBAN {}", "DE89 3704 0044 0532 0130 00")),
        *(("to {} failed", "GB82WEST12345698765432"), ("amex {}", "3782-822463-10005"), ("password={}", "swordfish")),
        *(
            ("secret_id={}", "8c2f1b0e-5d3a-4f57-9a61-0c7be0c6c1d4"),
            ('{"password":"{}"}', "correct horse battery staple"),
        ),
        *(("/oauth/callback?code={}&state=x", "4/0AX4XfWh-abcDEF123"), ("password: {}", "swordfish")),
        *(("password is {}", "kJpWTszQv"), ("password set to {} for bob", "a1b2c3d4"), ("OTP for bob: {}", "482913")),
        *(("{} is your shop verification code", "482913"), ("routing_key={}", "0123456789abcdef" * 2)),
        *(('{"kty":"EC","x":"a","d":"{}"}', "q83vEjRWeJA"), ("seed phrase: {}", "zoo able " * 5 + "zoo able")),
        *(("Stripe-Signature: t=1,v1={}", "5257a869e7ecebeda32affa62cdca3fa"), ("/invite?code={}", "a1b2c3d4e5f6")),
        *(("otp=({})", "482913"), ("session=({})", "a1b2c3d4e5"), ('jwt: "({})"', "a1b2c3d4")),
        *(("social_security_number={}", "078-05-1120"), ('[["a", "b"], ["token_digest", "{}"]]', "a1b2c3d4")),
        *(('{"otpCode": "{}"}', "482913"), ("2FA code for user 7: {}", "482913")),
        *(("GET /password/reset/{}", "0a1b2c3d" * 5), ("webhook secret {} does not match", "kJpWTszQv7aBcDe")),
        *(("OTP: ({})", "482913"), ("OTP ({}) was sent", "482913"), ("Your code is {}", "482913")),
        *(("net use Z: \\\\files\\in {} /user:ACME\\bob", SECRET), ("net use \\\\files\\in /user:bob {}", SECRET)),
        *(("a1 LOGIN bob {}", SECRET), ('a1 LOGIN "bob" "{}"', "two words"), ("1 LOGIN bob@example.net {}", SECRET)),
        *(('"AUTH" "default" "{}"', SECRET), ('["AUTH", "{}"]', SECRET), ("ACL SETUSER app on >{} ~*", SECRET)),
        *(
            ("db.internal:5432:shop:app:{}", SECRET),
            ("# all\n*:*:*:app:{}\n", SECRET),
            ("smbclient //f/in -U bob%{}", SECRET),
            ("curl -ubob:{} https://x", SECRET),
        ),
        *(("NET USE Z: \\\\f\\in {}", SECRET), ("net.exe use \\\\f\\in /user:bob {}", SECRET)),
        *(('net use \\\\f\\in "{}" /user:bob', "two words"), ('ran \\"net use \\\\f\\in \\"{}\\"', "two words")),
        *(("acl setuser app on >{}", SECRET), ('"ACL" "SETUSER" "app" ">{}"', SECRET), ("ACL SETUSER a <{}", SECRET)),
        *(("ACL SETUSER app >first >{} ~*", SECRET), ("ACL SETUSER app (+get ~a*) >{}", SECRET)),
        *(("curl -sSu bob:{} https://x", SECRET), ("curl -sU bob:{} x", SECRET), ("curl -Ubob:{} x", SECRET)),
        *(('a1 login "bob" "{}"', "it's two"), ('a1 LOGIN "bob" {}', SECRET), ("a1 login bob {}", SECRET)),
        *(
            ('sent a1 LOGIN \\"bob\\" \\"{}\\"', "two words"),
            ('"auth" "{}"', SECRET),
            ("['AUTH', 'bob', '{}']", SECRET),
        ),
        *(
            ('sent \\"AUTH\\" \\"{}\\"', "two words"),
            ("db:5432:shop:app:a\\:{}", SECRET),
            ("db:5432:shop:app:{}\r\n", SECRET),
        ),
        *(("  db:5432:shop:app:{}", SECRET), ("+ echo 'db:5432:shop:app:{}' > ~/.pgpass", SECRET)),
        *(("Private-Lines: 2\\n{}\\nBB==", "AAAAgQCc"), ("Private-Lines: 1\\r\\nBB\\r\\n  {}\\r\\n", "AAAAgQCc")),
        *(("WHERE password::text = '{}'", SECRET), ("Filter: ((password)::text = '{}'::text)", SECRET)),
        *(("token::character varying(40) = '{}'", SECRET), ('Key (\\"password\\")=({}) already exists', SECRET)),
        *(("verification code=[{}]", "482193"), ("pin=({})", "4821")),
        *(("smbclient -U 'bob%{}' //f/in", SECRET), ("smbclient --user=bob%{}", SECRET)),
        *(("Key (lower(token::text))=({}) already exists.", "abcdef"), ('wpa psk="{}"', SECRET)),
        *(("Key (lower(name), reset_token)=(bob, {})", "abcdef"), ("Private-Lines: 2\n{}\nBB==", "AAAAgQCc")),
        *(("postgres://app:{}@db/shop", "secret"), ("postgres://app:{}@db/shop", "none")),
        *(("bot " + "110201543:{}", "AAHdq" + made(29)), ("security code for bob {}", "482913")),
        *(("AUTH PLAIN {}", "AGFubgBaeDlrazIx"), ("Authorization: Basic {}", "dXNlcjpwYXNz")),
    ],
)
def test_codes_numbers_and_words_are_found_where_they_are_secrets(text: str, secret: str) -> None:
    assert secret not in redacted(text.replace("{}", secret))


def test_what_stands_beside_a_value_in_a_list_stays() -> None:
    assert redacted("WHERE n = ? AND token = ? [parameters: (7, ab12)]").endswith("(7, [redacted: token])]")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (id, password) VALUES (1, '{}",
        "INSERT INTO t (id, password) VALUES (1, '{}\\",
        f"INSERT INTO t (id, password) VALUES {'(1, NULL), ' * 1_000}(2, '{{}}')",
        "INSERT INTO log (id) VALUES (1); INSERT INTO t (id, password) VALUES (1, '{}')",
    ],
)
def test_a_secret_in_a_statement_is_found_where_it_is_cut_or_far_behind(statement: str) -> None:
    assert "Tr0ub4dor" not in redacted(statement.format("Tr0ub4dor&3"))


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', '\\"{}\\"'])
@pytest.mark.parametrize(
    "command",
    [
        *("curl -u {} https://x", "smbclient -U {}", "app --password {} run", "mysql -u app -p{} shop"),
        *("sshpass -p {} ssh h", "openssl x -passin pass:{}", "htpasswd -b f app {}", "requirepass {}"),
        *(
            "net use Z: \\\\f\\in {}",
            "ENV DB_PASSWORD {}",
            "CREATE USER app IDENTIFIED BY {}",
            "rabbitmqctl add_user a {}",
        ),
    ],
)
def test_all_of_a_quoted_argument_is_a_secret(command: str, quoted: str) -> None:
    user = {"curl": "app:", "smbclient": "app%"}.get(command.split(maxsplit=1)[0], "")

    assert "w0rds" not in redacted("ran " + command.format(quoted.format(f"{user}Zx9 w0rds")))
