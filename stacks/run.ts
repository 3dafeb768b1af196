import { createRequire } from "node:module";

/**
 * Where Pulumi starts our programs, instead of the SDK's own entry, which this then starts. A third of what a preview takes
 * would go into what no program here needs: the compiler that a language host asks for which does not know
 * `typescript: false`, though Node runs our TypeScript itself; what serialises functions, for dynamic providers; and source
 * maps, of which there are none.
 */
const require = createRequire(import.meta.url);
const sdk = createRequire(require.resolve("@pulumi/pulumi"));

/** Has a module of the SDK loaded when something of it is used, rather than when it is imported. */
function lazy(name: string): void {
  const file = sdk.resolve(name);
  const load = () => {
    delete sdk.cache[file];
    return sdk(file) as object;
  };
  let loaded: object | undefined;
  const exports = new Proxy(
    {},
    {
      get(_target, key) {
        if (key === "__esModule") return true;
        loaded ??= load();
        return Reflect.get(loaded, key);
      },
    },
  );
  sdk.cache[file] = Object.assign(Object.create(null), { id: file, filename: file, loaded: true, exports });
}

delete process.env.PULUMI_NODEJS_TYPESCRIPT;
for (const name of ["./typescript-shim", "@npmcli/arborist"]) lazy(name);
sdk("@pulumi/pulumi/cmd/run");
Reflect.deleteProperty(Error, "prepareStackTrace");
