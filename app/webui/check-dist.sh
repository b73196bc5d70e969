#!/bin/sh
# Fails unless app/webui/dist and the generated types are what their sources make: they are committed so that installing
# needs no Node.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
npx openapi-typescript ../../openapi/openapi.json -o "$fresh/schema.d.ts"
diff src/api/schema.d.ts "$fresh/schema.d.ts" || {
    echo "src/api/schema.d.ts is not what openapi/openapi.json makes: run 'npm run types' and commit the result" >&2
    exit 1
}
npx tsc --noEmit
npx vite build --outDir "$fresh/dist" --emptyOutDir
# what another zlib compresses differs, and says the same
for file in dist/assets/*.js dist/assets/*.css; do
    gzip -dc "$file.gz" | cmp - "$file" || exit 1
done
diff -r -x "*.gz" dist "$fresh/dist" || {
    echo "app/webui/dist is not what app/webui builds to: run 'npm run build' there and commit the result" >&2
    exit 1
}
# the limit of what the first view may load, in bytes after gzip
first=$(grep -o 'assets/[^"]*' dist/index.html | sed 's|^|dist/|')
# shellcheck disable=SC2086 # names without blanks, which the build makes
size=$(cat dist/index.html dist/theme.js $first | gzip -9 | wc -c)
[ "$size" -lt 256000 ] || { echo "the page is $size bytes after gzip; 256000 are the limit" >&2; exit 1; }
echo "dist is fresh: the first view is $size bytes after gzip"
