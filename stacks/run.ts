import { createRequire } from "node:module";

/**
 * Where Pulumi starts our programs, instead of the SDK's own entry, which this then starts. A third of what a preview takes would go into what
 * no program here needs: the compiler that a language host asks for which does not know `typescript: false`, though Node runs our TypeScript
 * itself; what serialises functions, for dynamic providers; source maps, of which there are none; what traces, until somebody traces; and where
 * each promise was made, which is told of one that is still open at the end, and only where PULUMI_DEBUG_PROMISE_LEAKS asks for it.
 */
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
  const get = (_target: object, key: string | symbol) => (key === "__esModule" ? true : standIn(load, key));
  const exports = new Proxy({}, { get });
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

const tracing = [
  "exporter-zipkin",
  "instrumentation",
  "instrumentation-grpc",
  "resources",
  "sdk-trace-base",
  "sdk-trace-node",
];

delete process.env.PULUMI_NODEJS_TYPESCRIPT;
for (const name of ["./typescript-shim", "@npmcli/arborist"]) lazy(sdk, name, whenRead);
for (const name of tracing) lazy(sdk, `@opentelemetry/${name}`, whenUsed);
// What the Docker client has for builds, and for engines by SSH.
for (const name of ["@grpc/proto-loader", "protobufjs", "ssh2"]) lazy(client, name, whenUsed);
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) leaveOutStacks();
sdk("@pulumi/pulumi/cmd/run");
Reflect.deleteProperty(Error, "prepareStackTrace");
