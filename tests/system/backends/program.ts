import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** Makes nothing but a file, slowly where the test wants it, and has an output that is a secret. */
const {
  SLIPWAY_TEST_MADE: file = "",
  SLIPWAY_TEST_SECONDS: seconds = "0",
  SLIPWAY_TEST_VERSION: version = "1",
} = process.env;
const made = new command.local.Command("made", {
  interpreter: ["bash", "-c", 'touch "$0" && sleep "$1"', file],
  create: seconds,
  triggers: [version],
});

// biome-ignore lint/style/noDefaultExport: what Pulumi takes a program's outputs from
export default { made: made.id, word: pulumi.secret("secret-word") };
