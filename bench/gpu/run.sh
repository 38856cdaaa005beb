#!/usr/bin/env bash
# Measures this machine's graphics card with ageband, and beside it PyTorch with CUDA if the Python at hand has it; with
# --utkface, it then trains the report's network on those pictures and measures it. One command, from a clone:
#
#   bench/gpu/run.sh [--batch 50] [--size 227] [--rounds 10] [--python python3]
#                    [--utkface FOLDER --work FOLDER [--epochs 40] [--device webgpu]]
#
# It needs bash, curl and the driver of the card. Where there is no Node 20.19 or later, it fetches one from nodejs.org into
# bench/gpu/node, checked against the published checksum, and leaves the system as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

LINE=latest-v22.x
OWN=bench/gpu/node

is_recent() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch_node() {
  local system machine sums name scratch
  case "$(uname -s)" in Linux) system=linux ;; Darwin) system=darwin ;; *) echo "run.sh: install Node 20.19 or later first" >&2; exit 1 ;; esac
  case "$(uname -m)" in x86_64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; *) echo "run.sh: install Node 20.19 or later first" >&2; exit 1 ;; esac
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' RETURN
  sums=$(curl -fsSL "https://nodejs.org/dist/$LINE/SHASUMS256.txt")
  name=$(grep -om 1 "node-v[0-9.]*-$system-$machine.tar.gz" <<<"$sums") || { echo "run.sh: $LINE of nodejs.org has nothing for $system-$machine" >&2; exit 1; }
  echo "run.sh: fetches $name"
  curl -fL --progress-bar -o "$scratch/$name" "https://nodejs.org/dist/$LINE/$name"
  if [ "$(grep " $name\$" <<<"$sums" | cut -d ' ' -f 1)" != "$(sha256 "$scratch/$name")" ]; then
    echo "run.sh: $name does not have the published checksum" >&2
    exit 1
  fi
  mkdir "$scratch/node"
  tar -xzf "$scratch/$name" -C "$scratch/node" --strip-components 1
  rm -rf "$OWN"
  mv "$scratch/node" "$OWN"
}

if ! command -v node >/dev/null || ! is_recent node; then
  [ -x "$OWN/bin/node" ] && is_recent "$OWN/bin/node" || fetch_node
  PATH="$PWD/$OWN/bin:$PATH"
fi

# Vulkan's loader complains of its absence on machines that nobody is logged in to.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
[ -d node_modules ] || npm ci
# What was built before may be of another version.
npm run build
exec node --import tsx bench/gpu/measure.ts "$@"
