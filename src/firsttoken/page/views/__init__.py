"""What a browser is shown: one module for each view, each a `View` that `every_view` names."""

from __future__ import annotations

from firsttoken.page.views.budgets import BudgetsView
from firsttoken.page.views.call import CallView
from firsttoken.page.views.call_parts import CallPartsView
from firsttoken.page.views.calls import CallsView
from firsttoken.page.views.compare import CompareView
from firsttoken.page.views.find import FindView
from firsttoken.page.views.health import HealthView
from firsttoken.page.views.overview import OverviewView
from firsttoken.page.views.pictures import PicturesView
from firsttoken.page.views.spend import SpendView
from firsttoken.page.views.trace import TraceView
from firsttoken.page.views.traces import TracesView
from firsttoken.page.views.view import Site, View
from firsttoken.page.views.what_if import WhatIfView

__all__ = ["Site", "View", "every_view"]


def every_view(site: Site) -> list[View]:
    """In the order in which their routes are tried."""
    return [
        CallsView(site),
        FindView(site),
        CallView(site),
        OverviewView(site),
        CallPartsView(site),
        SpendView(site),
        CompareView(site),
        WhatIfView(site),
        BudgetsView(site),
        TracesView(site),
        TraceView(site),
        HealthView(site),
        PicturesView(site),
    ]
