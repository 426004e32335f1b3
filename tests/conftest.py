"""The emulator's keys where the SDK's credential chain looks: it reads the environment when imported."""

import os

os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "dlcapply-emulator"
os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "not-a-secret"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
COLORS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE")
RUNNERS = ("GITHUB_ACTIONS", "GITHUB_SHA", "TF_BUILD", "TEAMCITY_VERSION")
for name in (*PROXIES, *COLORS, *RUNNERS):
    os.environ.pop(name, None)
