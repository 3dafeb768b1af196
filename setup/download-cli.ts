// Runs Pulumi's own installer: node setup/download-cli.ts <folder>. A program of its own, so that set-up can end it when
// the network swallows what is sent, and so that nobody loads Pulumi's SDK who needs no download. It installs the
// version of the SDK, which package.json and versions.json pin alike.
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

import { reason } from "./errors.ts";

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error("Usage: node setup/download-cli.ts <folder>");
try {
  await PulumiCommand.install({ root });
} catch (error) {
  console.error(reason(error));
  process.exitCode = 1;
}
