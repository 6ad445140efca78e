"""What happens to saved views."""

from audit.vocabulary import action

VIEW_SAVED = action("view.saved", "saved a view of the {page}")
VIEW_SHARED = action("view.shared", "shared a view of the {page} with the organization")
VIEW_UNSHARED = action("view.unshared", "took a shared view of the {page} back")
VIEW_REMOVED = action("view.removed", "removed a view of the {page}")
VIEW_CHOSEN = action("view.chosen", "chose a view as how they open the {page}")
VIEW_UNCHOSEN = action("view.unchosen", "opens the {page} without a view again")
