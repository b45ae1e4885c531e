#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder: Ubuntu 22.04, whose own Python is 3.10. uv, pinned
# by its hash, brings Python 3.11; everything that students' code must be able to read goes into a folder of its own.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
home="${UPRIGHT_HOME:-/opt/upright}"
umask 022
missing=()
for package in python3-pip libseccomp2 bubblewrap ca-certificates; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
fi
mkdir -p "$home"
export UV_PYTHON_INSTALL_DIR="$home/python" UV_CACHE_DIR="$home/cache" UV_LINK_MODE=copy
python3 -m pip install --quiet --target "$home/uv" --require-hashes --no-deps --requirement "$source/uv.txt"
uv="$home/uv/bin/uv"
# uv's own and not one that happens to be there: in /root, say, the user that runs a submission could not read it.
"$uv" venv --managed-python --python "${UPRIGHT_PYTHON:-3.11}" "$home/venv"
python="$home/venv/bin/python"
"$uv" pip install --python "$python" --require-hashes \
    --requirement "$source/requirements.txt" --constraint "$source/requirements.lock"
if [ -f "$source/torch.txt" ]; then
    # The build without CUDA, gigabytes less, is taken by its version.
    "$uv" pip install --python "$python" --no-deps --index-url https://download.pytorch.org/whl/cpu \
        --requirement "$source/torch.txt"
fi
cp -r "$source/packages" "$home/packages"
rm -rf "$home/cache"
chmod -R go+rX "$home"
chmod go= "$source"
if grep -q '^pyseccomp==' "$source/requirements.txt"; then
    # What code would run in here, for the log of this build; a submission's own container may have less.
    PYTHONPATH="$home/packages" "$python" -P -m autograder doctor || true
fi
