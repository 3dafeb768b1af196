/** The address of this machine's own engine, the one that @pulumi/docker and the docker command use too. */
export const machineEngine = (): string => process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
