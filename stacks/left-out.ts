import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const client = createRequire(require.resolve("dockerode"));

/** Has a module loaded when `standIn` asks for it, rather than when it is imported. One that is not there is left alone. */
function lazy(
  from: NodeJS.Require,
  name: string,
  standIn: (loaded: () => object, key: string | symbol) => unknown,
): void {
  let file: string;
  try {
    file = from.resolve(name);
  } catch {
    return;
  }
  let loaded: object | undefined;
  const load = (): object => {
    if (loaded) return loaded;
    delete from.cache[file];
    loaded = from(file) as object;
    return loaded;
  };
  const exports = new Proxy(
    {},
    {
      get: (_target, key) => (key === "__esModule" ? true : standIn(load, key)),
      // An import of a name looks for it first.
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_target, key) => {
        const found = Reflect.getOwnPropertyDescriptor(load(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
  from.cache[file] = Object.assign(Object.create(null), { id: file, filename: file, loaded: true, exports });
}

/** The module is loaded when something of it is looked at. */
const whenRead = (loaded: () => object, key: string | symbol): unknown => Reflect.get(loaded(), key);

/** The module, whose functions and classes are taken from it by name when it is imported, is loaded when one of them is used. */
function whenUsed(loaded: () => object, key: string | symbol): unknown {
  const part = () => Reflect.get(loaded(), key);
  return new Proxy(function used() {}, {
    apply: (_target, self, args) => Reflect.apply(part(), self, args),
    construct: (_target, args) => Reflect.construct(part(), args),
    get: (_target, name) => Reflect.get(part(), name),
  });
}

/** The inspector, which is to look into functions, is said to be there before the program begins, and is opened when it is asked for. */
const opensLater = (loaded: () => object, key: string | symbol): unknown =>
  key === "isInitializedAsync" ? () => Promise.resolve() : whenRead(loaded, key);

/** Has the SDK take no stack for each promise that it keeps an eye on. */
function leaveOutStacks(): void {
  const debuggable = sdk("@pulumi/pulumi/runtime/debuggable") as { debuggablePromise: (...args: unknown[]) => unknown };
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (...args) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

/**
 * Has the SDK send none of its own debug messages, each of which is a call to the engine that the next one waits for: three for each resource,
 * where all else takes one. What a program says itself is sent.
 */
function leaveOutMessages(): void {
  const log = sdk("@pulumi/pulumi/log") as { debug: (...args: unknown[]) => Promise<void> };
  Object.assign(sdk("@pulumi/pulumi") as object, { log: { ...log } });
  log.debug = () => Promise.resolve();
}

const tracing = [
  "exporter-zipkin",
  "instrumentation",
  "instrumentation-grpc",
  "resources",
  "sdk-trace-base",
  "sdk-trace-node",
];

/**
 * Leaves out of a program what none here needs, until one asks for it: the compiler that a language host asks for which does not know
 * `typescript: false`, though Node runs our TypeScript itself; what serialises functions, for dynamic providers, and the inspector that looks into
 * them; the Automation API; what traces; what the Docker client has for builds, and for engines by SSH; where each promise was made, which is
 * told of one that is still open at the end, where PULUMI_DEBUG_PROMISE_LEAKS asks for it; and the SDK's debug messages, unless
 * PULUMI_OPTION_DEBUG asks for them. To be called before the SDK is loaded.
 */
export function leaveOut(): void {
  for (const name of ["./typescript-shim", "./automation", "@npmcli/arborist"]) lazy(sdk, name, whenRead);
  lazy(sdk, "./runtime/closure/codePaths", whenUsed);
  lazy(sdk, "./runtime/closure/v8Hooks", opensLater);
  for (const name of tracing) lazy(sdk, `@opentelemetry/${name}`, whenUsed);
  for (const name of ["@grpc/proto-loader", "protobufjs", "ssh2"]) lazy(client, name, whenUsed);
  if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) leaveOutStacks();
  if (!process.env.PULUMI_OPTION_DEBUG) leaveOutMessages();
}
