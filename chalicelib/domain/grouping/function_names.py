"""Function names: a function by the name it was written under, without what compilers and runtimes add to it."""

import re

# Closures, proxies, numbers of what has no name.
_JVM_GENERATED = re.compile(
    r"\$Proxy\d|Generated(?:(?!Generated)\w)*Accessor|CGLIB\$\$|FastClassBy|\$\$Lambda|\$\$Spring|\$\$Enhancer|_jsp\b|\$\$FastClass|_ClientProxy\b"
    r"|\$ByteBuddy|\$HibernateProxy|\$MockitoMock|\$auxiliary|access\$\d"
)
_JVM_CLOSURE = re.compile(
    r"(?:(?<=\.)(?:lambda|\$anonfun|access)|(?P<inner>(?<!\$)\$++anonfun))\$(\w+?)(?:\$\d+)?(?=\$|\.|$)"
)
# How many types a method takes, and which.
_DOTNET_TYPES = re.compile(r"`\d+|\[[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+\]|\$$")
# What the compiler makes of closures, iterators and asynchronous functions; a local function (`g`) has a name.
_DOTNET_MADE = re.compile(
    r"(?<!<)<++([\w.]+)>\$?(?:>?g__(\w+)\|[\w|]*|[a-z]__[\w|]*)?(?:>[a-z](?:__[\w|]*)?)?(?:\.MoveNext)?"
)
# Angular's compiler counts the elements of a template: https://angular.dev/reference/configs/angular-compiler-options
_TEMPLATE_NUMBER = re.compile(r"_\d{1,9}(?=_\w{0,100}(?:Template|listener)$|_(?:Template|listener)$)")
_GO_CLOSURES = re.compile(r"(?:\.func\d+|\.gowrap\d+|\.deferwrap\d+|\.\d+|-range\d+|-fm)+")
# What generated functions are called behind the one that they were made for, to the end of the name.
_BEAM_END = re.compile(r"(?<![\w$/^.-])[\w$/^.-]++$")
_BEAM_GENERATED = re.compile(r"-(?:fun|inlined|lc\$)")


def is_generated(name: str) -> bool:
    """Tell whether a method of the JVM is none that somebody wrote: a proxy, an accessor, a page."""
    return _JVM_GENERATED.search(name) is not None


def in_go(name: str) -> str:
    """Return a function of Go by the name it was written under: `f.func1.2` is `f`."""
    *_, last = (None, *_GO_CLOSURES.finditer(name))
    return name[: last.start()] if last and last.end() == len(name) else name


def in_node(function: str) -> str:
    """Return a function without `new` and `async`, and without where it was evaluated; nothing where it has no name."""
    name = function.removeprefix("new ").partition(" [as ")[0].partition(" (eval at")[0]
    name = _TEMPLATE_NUMBER.sub("", name)
    return "" if "<anonymous>" in name else name.removeprefix("Object.").removeprefix("exports.")


_GROOVY_CLOSURE = re.compile(r"\$_(?P<method>[a-zA-Z]{1,100})_closure\d{1,9}(?:\$_closure\d{1,9}){0,9}\.doCall$")
_F_SHARP_CLOSURE = re.compile(r"@\d{1,9}(?:-\d{1,9})?\.(?:Invoke|MoveNext|GenerateNext)$")


def in_jvm(name: str) -> str:
    """Return a method by the name it was written under: `A.lambda$post$0` is `A.post`, `A$b$1.invoke` `A$b.invoke`."""
    name = re.sub(r"(?:\$\$(?:Enhancer|FastClass|Spring|Lambda)|\.\$Proxy)[\w$/-]*+", "", name)
    name = _JVM_CLOSURE.sub(_unfolded, name)
    name = re.sub(r"\$(?:default|suspendImpl|lambda)?(?=[.$]|$)|\$(?:eval|fn)__\d+|\$\d+(?=[.$]|$)", "", name)
    name = re.sub(r"(?<![\w-])(?P<kept>-*+\w++)-[\w-]{7,}+$", r"\g<kept>", name)
    name = _GROOVY_CLOSURE.sub(r".\g<method>", name)
    return re.sub(r"(?<!\$)\$++(?=[.]|$)", "", name)


def _unfolded(found: re.Match[str]) -> str:
    return f"${found[2]}" if found["inner"] else found[2]


def in_dotnet(place: str) -> str:
    """Return a method by the name it was written under: `A.<PlaceAsync>d__5.MoveNext` is `A.PlaceAsync`."""
    name = _F_SHARP_CLOSURE.sub("", place)
    name = re.sub(r"[.+]<>c(?:__DisplayClass[\d_]+)?(?:`\d+)?", "", name)
    name = _DOTNET_MADE.sub(lambda found: found[1] + (f".{found[2]}" if found[2] else ""), name)
    return _DOTNET_TYPES.sub("", name).replace("+", ".").replace("..ctor", ".ctor")


def in_ruby(function: str) -> str:
    """Return a method without its class, which Ruby names since 3.4, and without the blocks in it."""
    return re.sub(r"^(?:[A-Z][\w:]*|#<[^>]*>)[#.]", "", function.rpartition(" in ")[2])


def in_php(function: str) -> str:
    """Return a function without what is added to the name of an anonymous class or function."""
    function = function.replace("\\\\", "\\")  # as JSON has it
    name = re.sub(r"class@anonymous.*?(?=->|::|$)", "class@anonymous", function)
    return re.sub(r"\{closure[^}]*\}?", "{closure}", name)


def in_rust(function: str) -> str:
    """Return a function without closures, the hash of its build and what types it was made for."""
    name = re.sub(r"(?:::\{\{?[\w#:.-]+\}?\})+|::h[0-9a-f]{16}$", "", function)
    return re.sub(r"(?<=\w)(?:::)?<(?:[^<>]|<[^<>]*>)*>", "", re.sub(r"::h[0-9a-f]{16}$", "", name))


def in_beam(function: str) -> str:
    """Return a function without its arguments or their number, and without the anonymous function in it."""
    name = function.removeprefix("anonymous fn").partition(" in ")[2] or function
    name = name.partition("(")[0].removeprefix("-")
    end = _BEAM_END.search(name)
    generated = _BEAM_GENERATED.search(name, end.start()) if end else None
    name = name[: generated.start()] if generated else name
    return re.sub(r"/\d.*$", "", name)


def in_c(function: str) -> str:
    """Return a function without parameters, what types it was made for, and the closure in it."""
    name = re.sub(r"^(?:closure|implicit closure) #\d+ (?:.*? )?in |^\(extension in \w+\):|^static ", "", function)
    name = re.sub(r"\.?<(?:anonymous closure|fn|lambda)(?:[^<>]|<[^<>]*>)*>", "", name)
    name = re.sub(r"<(?:[^<>]|<[^<>]*>)*>", "", name)
    return re.sub(r"(?<=[\w>]) ?\(.*$| const$| \[clone.*$", "", name).strip() or function
