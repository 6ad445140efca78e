"""What an organization decides about comparing itself."""

from audit.vocabulary import action

SHARING_CHANGED = action("metrics.sharing_changed", "changed whether stage figures stand among peers: {says}")
