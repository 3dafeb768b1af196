#!/usr/bin/env bash
# The bare work of delivering a commit, as a script that somebody writes before they have a tool for it; bench/promote.ts times it.
#   COMMIT    the commit to deliver, BEFORE the one that runs
#   PROJECT   the repository, with node_modules in it
#   WORK      a folder inside PROJECT that is not there yet
#   REGISTRY  host:port
#   FACTS     what the suites were told last time
#   STAGING, PRODLIKE, PRODUCTION  the engine of a manager of each
set -euo pipefail

git clone --quiet "$PROJECT" "$WORK"
git -C "$WORK" checkout --quiet --detach "$COMMIT"

(cd "$WORK/demo" && npm ci --silent && npm test --silent)

image="$REGISTRY/demo/app"
docker build --quiet --tag "$image:${COMMIT:0:12}" "$WORK/demo"
docker push --quiet "$image:${COMMIT:0:12}"
# The same build may have been pushed elsewhere before.
digest="$(docker image inspect --format '{{join .RepoDigests "\n"}}' "$image:${COMMIT:0:12}" | grep --max-count 1 "^$image@")"
digest_before="$(grep --only-matching --max-count 1 "$image@sha256:[0-9a-f]*" "$FACTS/staging-functional-facts.json" | tail -1)"

roll() {
  docker -H "$2" service update --quiet --detach --image "$digest" --env-add "RELEASE_COMMIT=$COMMIT" "${1}_migrate"
  docker -H "$2" service update --quiet --detach=false \
    --image "$digest" --env-add "RELEASE_COMMIT=$COMMIT" "${1}_app"
}

suite() {
  local facts="$WORK/$1-facts.json"
  sed -e "s#$digest_before#$digest#g; s#$BEFORE#$COMMIT#g" "$FACTS/$1-$2-facts.json" >"$facts"
  SLIPWAY_FACTS="$facts" node "$PROJECT/node_modules/vitest/vitest.mjs" run --root "$WORK" \
    --config "$PROJECT/pipeline/suite-config.ts" --dir "$WORK/tests/$2"
}

roll staging "$STAGING"
suite staging functional
roll prodlike "$PRODLIKE"
suite prodlike readiness
roll production "$PRODUCTION"
suite production readiness
