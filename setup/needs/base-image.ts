import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { canInstallPackages, installPackages } from "../apt.ts";
import { askEngine, engineAddress, textIn } from "../docker-api.ts";
import { SetupError } from "../errors.ts";
import { timed, tried } from "../progress.ts";
import type { Report } from "../report.ts";
import { attempt, pipe, which } from "../run.ts";
import type { Change, Found, Need } from "./need.ts";

const suite = "bookworm";
const image = `debian:${suite}-slim`;
const pullLimit = 180_000;
const byHand = `docker pull ${image}`;

/** The image that all others are built from: pulled where it can be, otherwise made from Debian's packages. */
export const baseImage: Need = { name: `Image ${image}`, find, missing, install, byHand };

async function find(): Promise<Found | undefined> {
  const found = await askEngine(`/images/${image}/json`);
  const id = textIn(found, "Id");
  return id === undefined ? undefined : { where: engineAddress(), version: id.slice(0, "sha256:".length + 12) };
}

async function missing(): Promise<readonly Change[]> {
  return [
    { what: `${image}, pulled, or made with Debian's mmdebstrap if it cannot be pulled`, where: "the Docker Engine" },
  ];
}

async function install(report: Report): Promise<void> {
  if (await tried(report, byHand, () => attempt("docker", ["pull", image], { timeout: pullLimit }))) return;
  if ((await which("mmdebstrap")) === undefined) {
    if (!canInstallPackages()) throw cannotBootstrap();
    await installPackages(report, "mmdebstrap");
  }
  await timed(report, `Making ${image} from Debian's packages`, bootstrap);
}

async function bootstrap(): Promise<void> {
  const next = "Check the network, or load the image yourself: docker load --input FILE";
  await pipe(["mmdebstrap", bootstrapArguments(await ownCertificates())], ["docker", importArguments()], next);
}

/** What mmdebstrap is told: the packages of the official slim image, without documentation, and certificates. */
export function bootstrapArguments(certificates: readonly string[]): string[] {
  const excluded = ["doc", "groff", "info", "linda", "lintian", "locale", "man"].map((name) => `/usr/share/${name}/*`);
  return [
    "--quiet",
    "--variant=minbase",
    "--include=ca-certificates",
    ...excluded.map((path) => `--dpkgopt=path-exclude=${path}`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=Apt::Install-Recommends "false"',
    ...trustHooks(certificates),
    suite,
    "-",
  ];
}

const bundle = "/etc/ssl/certs/ca-certificates.crt";

/** Builds run in this image and must trust what the machine trusts, now and after the list is made anew. */
function trustHooks(certificates: readonly string[]): string[] {
  const folder = "/usr/local/share/ca-certificates";
  const own =
    certificates.length === 0
      ? []
      : [
          `--customize-hook=copy-in ${certificates.join(" ")} ${folder}`,
          '--customize-hook=chroot "$1" update-ca-certificates',
        ];
  return existsSync(bundle) ? [...own, `--customize-hook=copy-in ${bundle} /etc/ssl/certs`] : own;
}

/** Certificates that an administrator added. mmdebstrap splits at spaces, so a name with one is left to the bundle. */
async function ownCertificates(): Promise<string[]> {
  const folder = "/usr/local/share/ca-certificates";
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => /^[\w./-]+\.crt$/.test(name)).map((name) => join(folder, name));
}

function importArguments(): string[] {
  const made = new Date().toISOString();
  const changes = [
    'CMD ["bash"]',
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    `LABEL slipway.bootstrapped="mmdebstrap ${suite} ${made}"`,
  ];
  return ["import", ...changes.flatMap((change) => ["--change", change]), "-", image];
}

function cannotBootstrap(): SetupError {
  const message = `${image} cannot be pulled, and without root on Debian it cannot be made from Debian's packages.`;
  return new SetupError(message, byHand);
}
