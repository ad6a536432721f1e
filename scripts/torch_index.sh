# Sourced by the set-up scripts: torch comes first and alone, as the CPU build. Were the CPU index named for every package, pip would ask it
# for each of them. CALLGUARD_TORCH=default takes PyPI's own torch (CUDA on Linux).
install_torch() {
    if [ "${CALLGUARD_TORCH:-cpu}" = cpu ] && [ "$(uname -s)" = Linux ]; then
        "$1" -m pip --disable-pip-version-check install --quiet --retries 1 --timeout 15 \
            --extra-index-url https://download.pytorch.org/whl/cpu --no-deps 'torch>=2.6,<2.14'
    fi
}
