"""The emulator's keys where the SDK's credential chain looks: it reads the environment when imported."""

import os

os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "dlcapply-emulator"
os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "not-a-secret"
# Each chain that may ask an instance's metadata starts a thread that renews what it got, and never ends.
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_COLOR", "GITHUB_SHA"):
    os.environ.pop(name, None)
