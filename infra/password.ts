import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const generate = 'process.stdout.write(require("node:crypto").randomBytes(24).toString("base64url"))';
const keep = "process.stdout.write(process.env.PULUMI_COMMAND_STDOUT)";

/** A random password of 192 bits, made once and kept encrypted in Pulumi's state. */
export class Password extends pulumi.ComponentResource {
  readonly value: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Password", name, {}, opts);
    const made = new command.local.Command(
      `${name}-random`,
      // An update of this resource for any reason must not make another password.
      { interpreter: ["node", "-e"], create: generate, update: keep, logging: "none" },
      { parent: this, additionalSecretOutputs: ["stdout"] },
    );
    this.value = pulumi.secret(made.stdout);
    this.registerOutputs({});
  }
}
