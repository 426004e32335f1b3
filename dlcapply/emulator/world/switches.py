"""How the service behaves where its documents are silent: a switch for each open question.

A client is safe if it holds under every reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_ACTIVE = frozenset(
    {"Creating", "Queuing", "Bidding", "EnvPreparing", "SanityChecking", "Running", "Restarting"}
)


@dataclass(frozen=True, slots=True)
class Switches:
    """How the service behaves where its documents leave it open; the defaults are the cautious readings.

    Times are emulated seconds. `docs/assumptions.md` has the question behind each.
    """

    # Requests
    requests_per_second: float | None = None
    throttling_status: int = 429
    max_date_skew: float | None = 900.0
    refuse_used_nonces: bool = True
    size_limit_counts: Literal["bytes", "characters"] = "bytes"
    # What a new job may refer to
    check_references: bool = True
    check_tags: bool = True
    more_job_types: tuple[str, ...] = ()
    missing_images: tuple[str, ...] = ()
    # Lists and answers
    show_own_by_default: bool = True
    exact_name_mode: str = ""
    tags_filter: Literal["settings", "resources", "both"] = "settings"
    show_resource_tags: bool = False
    list_lag: float = 0.0
    get_lag: float = 0.0
    update_lag: float = 0.0
    retention: float = math.inf
    show_deleted: bool = False
    master_promotion: bool = False
    fill_defaults: bool = False
    reverse_lists: bool = False
    blank_secrets: bool = False
    unknown_keys: Mapping[str, object] = field(default_factory=dict)
    sort_ecs_specs: bool = False
    default_max_events: int = 1
    # Logs and signals
    log_lag: float = 0.0
    most_log_lines: int | None = None
    log_window_end: Literal["instant", "second", "open"] = "instant"
    signal_delay: float = 1.0
    signal_scopes: tuple[str, ...] = ("roles", "pods")
    signal_statuses: tuple[str, ...] = ("Pending", "Succeeded", "Failed", "Stopped")
    metrics_of_quota_jobs: bool = False
    accelerator_use: Literal["percent", "fraction", "zero"] = "percent"
    absent_dashboards: Literal["refused", "empty"] = "refused"
    queue_shows_private: bool = False
    # Writes
    stoppable: frozenset[str] = ANY_ACTIVE
    delete_active: bool = False
    narrow_accessibility: Literal["ignore", "refuse", "allow"] = "ignore"
    user_command_updates: bool = False
    job_specs_update: Literal["merge", "replace", "refuse"] = "merge"
    locked_template_keys: Literal["refuse", "ignore"] = "refuse"
    # Roles
    administrator_rules: Literal["private", "any", "added"] = "private"
