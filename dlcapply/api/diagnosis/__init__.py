"""Why a run is as it is."""
