import { Database, DatabaseLogin, Edge, type Given, OverlayNetwork, type Program, room, Service } from "slipway/infra";

const passwordFile = "/run/secrets/database-password";

/** How the environments differ. */
const replicas = { staging: 1, prodlike: 2, production: 3 } as const;

function counter({ target, images, dataNode }: Given) {
  const network = new OverlayNetwork("data", target).id;
  const node = dataNode;
  const database = new Database("database", target, { image: images.postgres, network, node, database: "visits" });
  const login = new DatabaseLogin("login", target, { database, image: images.postgres, network, version: 1 });
  return { network, database, login };
}

/** A page that counts its visits in PostgreSQL, behind an edge on port 8200 of every node. */
export const application: Program = (given) => {
  const { target, release, environment, images, linger } = given;
  const { network, database, login } = counter(given);
  const front = new OverlayNetwork("front", target).id;
  const web = new Service(
    "web",
    target,
    {
      image: release.images.web as string,
      commit: release.commit,
      networks: [front, network],
      replicas: replicas[environment],
      env: {
        PGHOST: database.service.serviceName,
        PGUSER: login.user,
        PGDATABASE: database.name,
        PASSWORD_FILE: passwordFile,
        RELEASE_COMMIT: release.commit,
      },
      secrets: [{ secret: login.password, file: passwordFile, mode: 0o444 }],
      stopGrace: 20,
    },
    { dependsOn: login.service.ready },
  );
  const edge = new Edge("edge", target, {
    images,
    networks: [front],
    ports: { http: 8200, https: 8201 },
    routes: [
      {
        service: `${target.environment}_web`,
        port: 3000,
        path: "/",
        health: "/health",
        tasks: room(replicas[environment]),
      },
    ],
    linger,
  });
  return [web, database.service, login.service, edge.service, edge.door];
};
