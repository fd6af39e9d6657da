"""Operations: every endpoint of the API as a method.

Made from the OpenAPI document by `clients/python/generate_client.py`; not edited by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from solvent_client import models as m
from solvent_client.pages import Pages
from solvent_client.transport import Operation, Transport


class Operations:
    """What can be asked of Solvent. Whoever makes it gives the way in which requests travel."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_account(self, body: m.AccountBody, *, idempotency_key: str | None = None) -> m.AccountView:
        """Register a customer."""
        operation = Operation("POST", "/v1/accounts", keyed=True)
        return self._transport.send(operation, m.AccountView, body=body, key=idempotency_key)

    def list_accounts(
        self, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.AccountPage, m.AccountView]:
        """List accounts in the order of their creation."""
        operation = Operation("GET", "/v1/accounts")
        return self._transport.pages(operation, m.AccountPage, query={"after": after, "limit": limit})

    def get_account(self, account_id: str) -> m.AccountView:
        """Read an account."""
        operation = Operation("GET", "/v1/accounts/{account_id}")
        return self._transport.send(operation, m.AccountView, path={"account_id": account_id})

    def change_account(
        self, account_id: str, body: m.AccountChangeBody, *, idempotency_key: str | None = None
    ) -> m.AccountView:
        """Change who a customer is, what decides about its tax, or its terms. Name, e-mail, address:
        documents that were issued keep theirs. Country, region, VAT number, exemption: what was
        charged before keeps the tax it had, and so does the credit for it. Both are refused while
        debt restricts the account, by policy. Terms: invoices that were issued stay due when they
        are. Currency, legal entity, type, time zone and test clock never change."""
        operation = Operation("PATCH", "/v1/accounts/{account_id}", keyed=True)
        return self._transport.send(
            operation, m.AccountView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def get_state(self, account_id: str) -> m.StateView:
        """Read the one picture of a customer. Assessed now by the same function that the recompute uses;
        nothing is written."""
        operation = Operation("GET", "/v1/accounts/{account_id}/state")
        return self._transport.send(operation, m.StateView, path={"account_id": account_id})

    def pay_debt(
        self, account_id: str, body: m.PayDebtBody, *, idempotency_key: str | None = None
    ) -> m.ChangeView:
        """Open one payment of invoices that are owed. Those that are named, or all of them, oldest due
        date first. Whatever else runs, each is charged once: the same debt has one payment under way.
        An older page of the customer's that was to pay one of them is closed at the provider first; a
        payment without the customer is waited for (409)."""
        operation = Operation("POST", "/v1/accounts/{account_id}/pay-debt", keyed=True)
        return self._transport.send(
            operation, m.ChangeView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def close_account(
        self, account_id: str, body: m.ClosingBody, *, idempotency_key: str | None = None
    ) -> m.AccountView:
        """Close an account. Once everything of it has ended and been paid: no live subscription, no
        debt, nothing that waits for an invoice, nothing under way; else 422 names what is left.
        Nothing new begins then; documents, credit and the portal stay, and what it comes to owe later
        (a lost dispute) is collected. Twice is harmless."""
        operation = Operation("POST", "/v1/accounts/{account_id}/close", keyed=True)
        return self._transport.send(
            operation, m.AccountView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def reopen_account(
        self, account_id: str, body: m.ClosingBody, *, idempotency_key: str | None = None
    ) -> m.AccountView:
        """Open a closed account again. It can buy again; what had ended stays ended. Twice is harmless."""
        operation = Operation("POST", "/v1/accounts/{account_id}/reopen", keyed=True)
        return self._transport.send(
            operation, m.AccountView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def recompute_account(self, account_id: str, *, idempotency_key: str | None = None) -> m.StateView:
        """Look at one account now, and do what follows. Every store is read and assessed by policy, and
        what differs is brought about, as on any other trigger: doing it twice is doing it once. The
        answer is the picture afterwards."""
        operation = Operation("POST", "/v1/accounts/{account_id}/recompute", keyed=True)
        return self._transport.send(
            operation, m.StateView, path={"account_id": account_id}, key=idempotency_key
        )

    def get_entitlements(
        self,
        account_id: str,
        *,
        object: str | None = None,
        feature: str | None = None,
        usage: bool | None = None,
    ) -> m.EntitlementsView:
        """Read what an account may use now. Send the ETag as `If-None-Match`. `Cache-Control` says how
        long the answer may be used, and that it may go on being used while this service does not
        answer."""
        operation = Operation("GET", "/v1/accounts/{account_id}/entitlements")
        return self._transport.send(
            operation,
            m.EntitlementsView,
            path={"account_id": account_id},
            query={"object": object, "feature": feature, "usage": usage},
        )

    def read_entitlements(self, body: m.ManyBody) -> m.ManyEntitlementsView:
        """Read what several accounts may use now. All as of one moment. Nothing is changed: no
        Idempotency-Key is needed."""
        operation = Operation("POST", "/v1/entitlements/read")
        return self._transport.send(operation, m.ManyEntitlementsView, body=body)

    def list_entitlement_changes(
        self,
        *,
        after: str | None = None,
        account: str | None = None,
        limit: int | None = None,
        wait: int | None = None,
    ) -> Pages[m.EntitlementChangePage, m.EntitlementChangeView]:
        """Learn whose entitlements may have changed. In order per account, each at least once, none left
        out: events that change what may be used. What an account may use then is read by itself. Keep
        `next`, and ask again with it."""
        operation = Operation("GET", "/v1/entitlement-changes")
        return self._transport.pages(
            operation,
            m.EntitlementChangePage,
            query={"after": after, "account": account, "limit": limit, "wait": wait},
        )

    def create_entitlement_token(self, account_id: str, body: m.TokenBody) -> m.TokenView:
        """Make a token that a product service checks by itself. Signed and short-lived; it says what is
        granted now, and never lives longer than that may be assumed. Nothing is changed: no
        Idempotency-Key is needed."""
        operation = Operation("POST", "/v1/accounts/{account_id}/entitlement-token")
        return self._transport.send(operation, m.TokenView, path={"account_id": account_id}, body=body)

    def list_signing_keys(self) -> m.KeysView:
        """The keys by which tokens are checked. A key is published before it signs, and until its last
        token has expired."""
        operation = Operation("GET", "/.well-known/jwks.json", public=True)
        return self._transport.send(operation, m.KeysView)

    def list_methods(
        self, account_id: str, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.MethodPage, m.MethodView]:
        """List an account's collection methods."""
        operation = Operation("GET", "/v1/accounts/{account_id}/methods")
        return self._transport.pages(
            operation, m.MethodPage, path={"account_id": account_id}, query={"after": after, "limit": limit}
        )

    def add_method(
        self, account_id: str, body: m.MethodBody, *, idempotency_key: str | None = None
    ) -> m.ChangeView:
        """Open the setup of a collection method. Confirm it like a change. Paying for something vaults
        its method too."""
        operation = Operation("POST", "/v1/accounts/{account_id}/methods", keyed=True)
        return self._transport.send(
            operation, m.ChangeView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def remove_method(self, account_id: str, method_id: str, *, idempotency_key: str | None = None) -> None:
        """Remove a collection method. Refused while it is the last usable one and something is to be
        paid."""
        operation = Operation("DELETE", "/v1/accounts/{account_id}/methods/{method_id}", keyed=True)
        self._transport.send(
            operation, bytes, path={"account_id": account_id, "method_id": method_id}, key=idempotency_key
        )

    def order_methods(
        self, account_id: str, body: m.MethodOrderBody, *, idempotency_key: str | None = None
    ) -> m.MethodPage:
        """Choose in which order collection methods are tried. Names every method of the account once.
        What is owed may be tried with another one after it."""
        operation = Operation("POST", "/v1/accounts/{account_id}/methods/order", keyed=True)
        return self._transport.send(
            operation, m.MethodPage, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def import_methods(
        self, body: m.MethodImportBody, *, idempotency_key: str | None = None
    ) -> m.MethodImportView:
        """Import agreements from before as collection methods. For customers who agreed on later
        payments at the provider before it was reached through Solvent, as in PayPal's billing
        agreements. Each is asked about in turn; what became of it stands in its place of the answer.
        Naming one again changes nothing. Nothing else of the account is changed."""
        operation = Operation("POST", "/v1/method-imports", keyed=True)
        return self._transport.send(operation, m.MethodImportView, body=body, key=idempotency_key)

    def list_products(
        self,
        *,
        family: str | None = None,
        object_kind: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.ProductPage, m.ProductView]:
        """List products."""
        operation = Operation("GET", "/v1/products")
        return self._transport.pages(
            operation,
            m.ProductPage,
            query={"family": family, "object_kind": object_kind, "after": after, "limit": limit},
        )

    def list_prices(
        self,
        *,
        product: str | None = None,
        currency: str | None = None,
        all: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.PricePage, m.PriceView]:
        """List prices."""
        operation = Operation("GET", "/v1/prices")
        return self._transport.pages(
            operation,
            m.PricePage,
            query={"product": product, "currency": currency, "all": all, "after": after, "limit": limit},
        )

    def list_coupons(
        self,
        *,
        all: bool | None = None,
        code: str | None = None,
        product: str | None = None,
        currency: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.CouponPage, m.CouponView]:
        """List coupons."""
        operation = Operation("GET", "/v1/coupons")
        return self._transport.pages(
            operation,
            m.CouponPage,
            query={
                "all": all,
                "code": code,
                "product": product,
                "currency": currency,
                "after": after,
                "limit": limit,
            },
        )

    def create_coupon(self, body: m.CouponBody, *, idempotency_key: str | None = None) -> m.CouponView:
        """Put a coupon on offer. The same again changes nothing. Other terms for a code that there is
        need `supersede`: they are its next version, and whoever redeemed an earlier one keeps that."""
        operation = Operation("POST", "/v1/coupons", keyed=True)
        return self._transport.send(operation, m.CouponView, body=body, key=idempotency_key)

    def archive_coupon(self, code: str, *, idempotency_key: str | None = None) -> m.CouponView:
        """Take a coupon off offer. It stays what it is for whoever has redeemed it."""
        operation = Operation("POST", "/v1/coupons/{code}/archive", keyed=True)
        return self._transport.send(operation, m.CouponView, path={"code": code}, key=idempotency_key)

    def get_coupon(self, code: str) -> m.CouponView:
        """Read the coupon that a code stands for. What a customer would get by redeeming it. Whether an
        account may, a quote says."""
        operation = Operation("GET", "/v1/coupons/{code}")
        return self._transport.send(operation, m.CouponView, path={"code": code})

    def list_coupon_redemptions(
        self,
        *,
        account: str | None = None,
        subscription: str | None = None,
        code: str | None = None,
        ended: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.RedemptionPage, m.RedemptionView]:
        """List redemptions, of an account, a subscription or a code, or all."""
        operation = Operation("GET", "/v1/coupon-redemptions")
        return self._transport.pages(
            operation,
            m.RedemptionPage,
            query={
                "account": account,
                "subscription": subscription,
                "code": code,
                "ended": ended,
                "after": after,
                "limit": limit,
            },
        )

    def list_entities(
        self, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.EntityPage, m.EntityView]:
        """List the legal entities that bill."""
        operation = Operation("GET", "/v1/entities")
        return self._transport.pages(operation, m.EntityPage, query={"after": after, "limit": limit})

    def get_entity(self, entity_id: str) -> m.EntityView:
        """Read a legal entity."""
        operation = Operation("GET", "/v1/entities/{entity_id}")
        return self._transport.send(operation, m.EntityView, path={"entity_id": entity_id})

    def put_entity(
        self, entity_id: str, body: m.EntityBody, *, idempotency_key: str | None = None
    ) -> m.EntityView:
        """Declare a legal entity. Whole: what is left out, it does not have. What changes is its next
        version, which invoices issued from now on say; the same again changes nothing."""
        operation = Operation("PUT", "/v1/entities/{entity_id}", keyed=True)
        return self._transport.send(
            operation, m.EntityView, path={"entity_id": entity_id}, body=body, key=idempotency_key
        )

    def list_entity_versions(
        self, entity_id: str, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.EntityPage, m.EntityView]:
        """Read what a legal entity's invoices said, and since when."""
        operation = Operation("GET", "/v1/entities/{entity_id}/versions")
        return self._transport.pages(
            operation, m.EntityPage, path={"entity_id": entity_id}, query={"after": after, "limit": limit}
        )

    def list_tax_rates(
        self,
        *,
        country: str | None = None,
        region: str | None = None,
        category: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.TaxRatePage, m.TaxRateView]:
        """List tax rates, of one place or category or all."""
        operation = Operation("GET", "/v1/tax/rates")
        return self._transport.pages(
            operation,
            m.TaxRatePage,
            query={
                "country": country,
                "region": region,
                "category": category,
                "after": after,
                "limit": limit,
            },
        )

    def create_tax_rate(self, body: m.TaxRateBody, *, idempotency_key: str | None = None) -> m.TaxRateView:
        """Make a tax rate known. It counts for charges from `known_from` on, some seconds from now and
        from its first local day; what was charged keeps its tax. The same again changes nothing; a
        rate of that id with other terms is refused."""
        operation = Operation("POST", "/v1/tax/rates", keyed=True)
        return self._transport.send(operation, m.TaxRateView, body=body, key=idempotency_key)

    def get_tax_rate(self, rate_id: str) -> m.TaxRateView:
        """Read a tax rate."""
        operation = Operation("GET", "/v1/tax/rates/{rate_id}")
        return self._transport.send(operation, m.TaxRateView, path={"rate_id": rate_id})

    def list_tax_registrations(
        self,
        *,
        entity: str | None = None,
        country: str | None = None,
        ended: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.TaxRegistrationPage, m.TaxRegistrationView]:
        """List where legal entities collect tax."""
        operation = Operation("GET", "/v1/tax/registrations")
        return self._transport.pages(
            operation,
            m.TaxRegistrationPage,
            query={"entity": entity, "country": country, "ended": ended, "after": after, "limit": limit},
        )

    def register_for_tax(
        self, body: m.TaxRegistrationBody, *, idempotency_key: str | None = None
    ) -> m.TaxRegistrationView:
        """Register a legal entity for tax. It collects tax there on charges from `known_from` on, some
        seconds from now. The same again changes nothing; another number ends the one before."""
        operation = Operation("POST", "/v1/tax/registrations", keyed=True)
        return self._transport.send(operation, m.TaxRegistrationView, body=body, key=idempotency_key)

    def end_tax_registration(
        self, body: m.TaxPlaceBody, *, idempotency_key: str | None = None
    ) -> m.TaxRegistrationView:
        """End a legal entity's registration for tax. It counts for nothing that is charged from
        `known_until` on, some seconds from now; credit for what was charged before gives its tax back
        all the same."""
        operation = Operation("POST", "/v1/tax/registrations/end", keyed=True)
        return self._transport.send(operation, m.TaxRegistrationView, body=body, key=idempotency_key)

    def make_pay_link(self, account_id: str, body: m.PayLinkBody) -> m.PayLinkView:
        """Make a link by which a customer can pay what is owed. Whoever has the link sees these invoices
        and can pay them, until it ends: hand it to the customer alone. It is made anew each time and
        nothing is stored, so that no Idempotency-Key is asked for."""
        operation = Operation("POST", "/v1/accounts/{account_id}/pay-link")
        return self._transport.send(operation, m.PayLinkView, path={"account_id": account_id}, body=body)

    def make_portal_link(
        self, account_id: str, body: m.PortalLinkBody, *, idempotency_key: str | None = None
    ) -> m.PortalLinkView:
        """Make a link by which a customer enters the portal. Whoever has the link is let in as the
        account, until it ends: send the customer's browser there at once, after you have made sure
        who that is. The visit begins when the link is opened, and ends by itself or when the customer
        signs out; then the link leads nowhere."""
        operation = Operation("POST", "/v1/accounts/{account_id}/portal-links", keyed=True)
        return self._transport.send(
            operation, m.PortalLinkView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def quote(self, body: m.QuoteBody) -> m.PlanView:
        """Ask what a change would cost. Plans the change and writes nothing: no Idempotency-Key is
        needed. The plan equals what opening the change at the same moment would commit."""
        operation = Operation("POST", "/v1/quotes")
        return self._transport.send(operation, m.PlanView, body=body)

    def open_change(self, body: m.ChangeBody, *, idempotency_key: str | None = None) -> m.ChangeView:
        """Open a change. Nothing of it is written before its payment is confirmed. With nothing due it
        is committed at once. A change about the same thing that waits for its customer is superseded
        by another plan."""
        operation = Operation("POST", "/v1/changes", keyed=True)
        return self._transport.send(operation, m.ChangeView, body=body, key=idempotency_key)

    def list_changes(
        self,
        *,
        account: str | None = None,
        state: m.AttemptState | None = None,
        clock: bool | None = None,
        opened_from: datetime | None = None,
        opened_to: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.AttemptPage, m.AttemptView]:
        """List changes, of one account or of all."""
        operation = Operation("GET", "/v1/changes")
        return self._transport.pages(
            operation,
            m.AttemptPage,
            query={
                "account": account,
                "state": state,
                "clock": clock,
                "opened_from": opened_from,
                "opened_to": opened_to,
                "after": after,
                "limit": limit,
            },
        )

    def get_change(self, change_id: str) -> m.ChangeView:
        """Read a change."""
        operation = Operation("GET", "/v1/changes/{change_id}")
        return self._transport.send(operation, m.ChangeView, path={"change_id": change_id})

    def confirm_change(
        self, change_id: str, body: m.ConfirmBody, *, idempotency_key: str | None = None
    ) -> m.ChangeView:
        """Confirm the payment of a change. The customer's part: with the provider's token of what is
        paid with, or without one for a stored method or after a redirect. A declined payment answers
        200 with `state` and `cause`: it is an outcome, not an error. Repeating it is harmless: one
        attempt is charged at most once."""
        operation = Operation("POST", "/v1/changes/{change_id}/confirm", keyed=True)
        return self._transport.send(
            operation, m.ChangeView, path={"change_id": change_id}, body=body, key=idempotency_key
        )

    def open_cart(self, body: m.CartBody, *, idempotency_key: str | None = None) -> m.CartView:
        """Open a cart for a customer to change and pay. Several products in one payment and on one
        invoice, all or nothing. Nothing is reserved or owed until it is paid. Give `url` (or `token`)
        to the customer alone: whoever has it can pay the cart."""
        operation = Operation("POST", "/v1/carts", keyed=True)
        return self._transport.send(operation, m.CartView, body=body, key=idempotency_key)

    def list_carts(
        self, *, account: str, after: str | None = None, limit: int | None = None
    ) -> Pages[m.CartPage, m.CartSummaryView]:
        """List an account's carts."""
        operation = Operation("GET", "/v1/carts")
        return self._transport.pages(
            operation, m.CartPage, query={"account": account, "after": after, "limit": limit}
        )

    def get_cart(self, cart_id: str) -> m.CartView:
        """Read a cart."""
        operation = Operation("GET", "/v1/carts/{cart_id}")
        return self._transport.send(operation, m.CartView, path={"cart_id": cart_id})

    def cancel_cart(self, cart_id: str, *, idempotency_key: str | None = None) -> m.CartView:
        """Cancel a cart: nobody can pay it any more. While it is being paid it cannot be cancelled."""
        operation = Operation("POST", "/v1/carts/{cart_id}/cancel", keyed=True)
        return self._transport.send(operation, m.CartView, path={"cart_id": cart_id}, key=idempotency_key)

    def get_checkout(self, token: str) -> m.CheckoutView:
        """Read a cart by its token. What the browser shows, always: after a reload, in a second tab, and
        on the way back from a bank."""
        operation = Operation("GET", "/v1/checkout/{token}", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token})

    def search_domains(self, token: str, *, name: str) -> m.DomainsView:
        """Look for names that can be registered. With every ending that is sold in the cart's currency.
        To buy one, put its `price_id` into the cart with the object `domain:` and the name. It is
        registered once it is paid; if the registrar then refuses it, that line is credited and
        refunded, and all others stay."""
        operation = Operation("GET", "/v1/checkout/{token}/domains", public=True)
        return self._transport.send(operation, m.DomainsView, path={"token": token}, query={"name": name})

    def add_checkout_line(self, token: str, body: m.AddLineBody) -> m.CheckoutView:
        """Put something into a cart. What a line has already is raised by the quantity. What could not
        be bought is refused, and the cart stays as it was; `lines[n]` in an error counts the cart's
        lines from 0."""
        operation = Operation("POST", "/v1/checkout/{token}/lines", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token}, body=body)

    def change_checkout_line(self, token: str, line_id: str, body: m.ChangeLineBody) -> m.CheckoutView:
        """Change the price, the quantity or the object of a line. To take an `offer` is to change the
        price. A bundle replaces the lines that it includes."""
        operation = Operation("PATCH", "/v1/checkout/{token}/lines/{line_id}", public=True)
        return self._transport.send(
            operation, m.CheckoutView, path={"token": token, "line_id": line_id}, body=body
        )

    def remove_checkout_line(self, token: str, line_id: str) -> m.CheckoutView:
        """Take a line out of a cart."""
        operation = Operation("DELETE", "/v1/checkout/{token}/lines/{line_id}", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token, "line_id": line_id})

    def set_checkout_coupons(self, token: str, body: m.CodesBody) -> m.CheckoutView:
        """Set the coupons of a cart. Each counts for the part of the cart, a subscription or what is
        bought once, of which it is for the most. An empty list removes them all."""
        operation = Operation("PUT", "/v1/checkout/{token}/coupons", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token}, body=body)

    def pay_checkout(
        self, token: str, body: m.PayBody, *, idempotency_key: str | None = None
    ) -> m.CheckoutView:
        """Pay a cart. What is paid is what was seen: `seen_total` and `seen_fingerprint` are `due_now`
        and `fingerprint` as they were shown, and hold for ten minutes. If it comes to something else,
        the answer is 409 `price_changed` with the cart as it now is in `checkout`, and nothing is
        opened. A cart is paid once: a repetition and a second tab join the payment under way; paying
        in another way ends that first."""
        operation = Operation("POST", "/v1/checkout/{token}/pay", keyed=True, public=True)
        return self._transport.send(
            operation, m.CheckoutView, path={"token": token}, body=body, key=idempotency_key
        )

    def confirm_checkout(self, token: str, body: m.CompleteBody) -> m.CheckoutView:
        """Complete the customer's part of the payment. With the token of the provider's browser part, or
        without one when the customer comes back from a page of the bank or wallet. Doing it again is
        harmless."""
        operation = Operation("POST", "/v1/checkout/{token}/confirm", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token}, body=body)

    def cancel_checkout_payment(self, token: str) -> m.CheckoutView:
        """Stop the payment under way, so that the cart can be changed."""
        operation = Operation("POST", "/v1/checkout/{token}/cancel-payment", public=True)
        return self._transport.send(operation, m.CheckoutView, path={"token": token})

    def get_checkout_invoice_pdf(self, token: str) -> bytes:
        """The invoice of a cart that was paid, as a PDF file."""
        operation = Operation("GET", "/v1/checkout/{token}/invoice.pdf", public=True)
        return self._transport.send(operation, bytes, path={"token": token})

    def list_subscriptions(
        self, *, account: str, after: str | None = None, limit: int | None = None
    ) -> Pages[m.SubscriptionPage, m.SubscriptionView]:
        """List an account's subscriptions."""
        operation = Operation("GET", "/v1/subscriptions")
        return self._transport.pages(
            operation, m.SubscriptionPage, query={"account": account, "after": after, "limit": limit}
        )

    def get_subscription(self, subscription_id: str) -> m.SubscriptionView:
        """Read a subscription."""
        operation = Operation("GET", "/v1/subscriptions/{subscription_id}")
        return self._transport.send(operation, m.SubscriptionView, path={"subscription_id": subscription_id})

    def list_invoices(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        entity: str | None = None,
        limit: int | None = None,
        state: Literal["open", "overdue", "paid", "resolved", "uncollectible"] | None = None,
        number: str | None = None,
        issued_from: datetime | None = None,
        issued_to: datetime | None = None,
        due_from: datetime | None = None,
        due_to: datetime | None = None,
        after: str | None = None,
    ) -> Pages[m.InvoicePage, m.InvoiceView]:
        """List invoices, of one account or of all. By state, number, currency, legal entity, and when
        they were issued or are due."""
        operation = Operation("GET", "/v1/invoices")
        return self._transport.pages(
            operation,
            m.InvoicePage,
            query={
                "account": account,
                "currency": currency,
                "entity": entity,
                "limit": limit,
                "state": state,
                "number": number,
                "issued_from": issued_from,
                "issued_to": issued_to,
                "due_from": due_from,
                "due_to": due_to,
                "after": after,
            },
        )

    def issue_invoice(self, body: m.InvoiceBody, *, idempotency_key: str | None = None) -> m.ChangeView:
        """Issue an invoice of your own lines. Collected off-session with a stored method; unpaid it
        stays owed. With `include_items` also, or only, of what waits for the account's next invoice."""
        operation = Operation("POST", "/v1/invoices", keyed=True)
        return self._transport.send(operation, m.ChangeView, body=body, key=idempotency_key)

    def get_invoice(self, invoice_id: str) -> m.FullInvoiceView:
        """Read an invoice with its lines."""
        operation = Operation("GET", "/v1/invoices/{invoice_id}")
        return self._transport.send(operation, m.FullInvoiceView, path={"invoice_id": invoice_id})

    def get_upcoming_invoice(self, account_id: str) -> m.UpcomingView:
        """Read what an account is invoiced for next. The plan that the billing clock makes then, of what
        there is now: renewals, usage so far, what waits, coupons, tax and credit. Nothing is written."""
        operation = Operation("GET", "/v1/accounts/{account_id}/upcoming-invoice")
        return self._transport.send(operation, m.UpcomingView, path={"account_id": account_id})

    def keep_invoice_draft(
        self, body: m.InvoiceBody, *, idempotency_key: str | None = None
    ) -> m.FullDraftView:
        """Draft an invoice of your own lines. It has no number and owes nobody anything until it is
        issued. The answer previews it to the cent: what would be issued now."""
        operation = Operation("POST", "/v1/invoice-drafts", keyed=True)
        return self._transport.send(operation, m.FullDraftView, body=body, key=idempotency_key)

    def list_invoice_drafts(
        self,
        *,
        account: str,
        state: m.DraftState | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.DraftPage, m.DraftView]:
        """List an account's drafts."""
        operation = Operation("GET", "/v1/invoice-drafts")
        return self._transport.pages(
            operation, m.DraftPage, query={"account": account, "state": state, "after": after, "limit": limit}
        )

    def get_invoice_draft(self, draft_id: str) -> m.FullDraftView:
        """Read a draft, with what issuing it now comes to."""
        operation = Operation("GET", "/v1/invoice-drafts/{draft_id}")
        return self._transport.send(operation, m.FullDraftView, path={"draft_id": draft_id})

    def change_invoice_draft(
        self, draft_id: str, body: m.DraftChangeBody, *, idempotency_key: str | None = None
    ) -> m.FullDraftView:
        """Change a draft."""
        operation = Operation("PATCH", "/v1/invoice-drafts/{draft_id}", keyed=True)
        return self._transport.send(
            operation, m.FullDraftView, path={"draft_id": draft_id}, body=body, key=idempotency_key
        )

    def void_invoice_draft(self, draft_id: str, *, idempotency_key: str | None = None) -> m.FullDraftView:
        """Drop a draft: it will never be issued."""
        operation = Operation("POST", "/v1/invoice-drafts/{draft_id}/void", keyed=True)
        return self._transport.send(
            operation, m.FullDraftView, path={"draft_id": draft_id}, key=idempotency_key
        )

    def issue_invoice_draft(self, draft_id: str, *, idempotency_key: str | None = None) -> m.ChangeView:
        """Issue a draft. As it is previewed. Collected off-session with a stored method; unpaid it stays
        owed."""
        operation = Operation("POST", "/v1/invoice-drafts/{draft_id}/issue", keyed=True)
        return self._transport.send(operation, m.ChangeView, path={"draft_id": draft_id}, key=idempotency_key)

    def keep_invoice_item(
        self, body: m.InvoiceItemBody, *, idempotency_key: str | None = None
    ) -> m.InvoiceItemView:
        """Let something wait for the account's next invoice. It owes nobody anything until it is
        invoiced: by the next renewal that costs something, by usage at the end of a period, or by an
        invoice of your own with `include_items`."""
        operation = Operation("POST", "/v1/invoice-items", keyed=True)
        return self._transport.send(operation, m.InvoiceItemView, body=body, key=idempotency_key)

    def list_invoice_items(
        self,
        *,
        account: str,
        state: m.ItemState | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.InvoiceItemPage, m.InvoiceItemView]:
        """List what waits for an account's next invoice."""
        operation = Operation("GET", "/v1/invoice-items")
        return self._transport.pages(
            operation,
            m.InvoiceItemPage,
            query={"account": account, "state": state, "after": after, "limit": limit},
        )

    def get_invoice_item(self, invoice_item_id: str) -> m.InvoiceItemView:
        """Read an invoice item."""
        operation = Operation("GET", "/v1/invoice-items/{invoice_item_id}")
        return self._transport.send(operation, m.InvoiceItemView, path={"invoice_item_id": invoice_item_id})

    def write_invoice_item_anew(
        self, invoice_item_id: str, body: m.ManualLine, *, idempotency_key: str | None = None
    ) -> m.InvoiceItemView:
        """Write the line of an invoice item anew. What is left out is as in a new one."""
        operation = Operation("PUT", "/v1/invoice-items/{invoice_item_id}", keyed=True)
        return self._transport.send(
            operation,
            m.InvoiceItemView,
            path={"invoice_item_id": invoice_item_id},
            body=body,
            key=idempotency_key,
        )

    def remove_invoice_item(
        self, invoice_item_id: str, *, idempotency_key: str | None = None
    ) -> m.InvoiceItemView:
        """Remove an invoice item: it will never be invoiced."""
        operation = Operation("DELETE", "/v1/invoice-items/{invoice_item_id}", keyed=True)
        return self._transport.send(
            operation, m.InvoiceItemView, path={"invoice_item_id": invoice_item_id}, key=idempotency_key
        )

    def issue_credit_note(
        self, body: m.CreditNoteBody, *, idempotency_key: str | None = None
    ) -> m.FullCreditNoteView:
        """Credit an invoice, wholly or in part. A numbered document of its own; the invoice stays as it
        was issued. All of an invoice's credit notes together are never more than it."""
        operation = Operation("POST", "/v1/credit-notes", keyed=True)
        return self._transport.send(operation, m.FullCreditNoteView, body=body, key=idempotency_key)

    def list_credit_notes(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        entity: str | None = None,
        limit: int | None = None,
        invoice: str | None = None,
        number: str | None = None,
        issued_from: datetime | None = None,
        issued_to: datetime | None = None,
        after: str | None = None,
    ) -> Pages[m.CreditNotePage, m.CreditNoteView]:
        """List credit notes, of one account, of one invoice or of all."""
        operation = Operation("GET", "/v1/credit-notes")
        return self._transport.pages(
            operation,
            m.CreditNotePage,
            query={
                "account": account,
                "currency": currency,
                "entity": entity,
                "limit": limit,
                "invoice": invoice,
                "number": number,
                "issued_from": issued_from,
                "issued_to": issued_to,
                "after": after,
            },
        )

    def get_credit_note(self, credit_note_id: str) -> m.FullCreditNoteView:
        """Read a credit note with its lines."""
        operation = Operation("GET", "/v1/credit-notes/{credit_note_id}")
        return self._transport.send(operation, m.FullCreditNoteView, path={"credit_note_id": credit_note_id})

    def issue_refund(self, body: m.RefundBody, *, idempotency_key: str | None = None) -> m.GivenBackView:
        """Give back a payment, wholly or in part. By a credit note of the invoice that it paid, to its
        method or (`to`) as account credit; or (`source`) out of the account credit that it became.
        Recorded first, then asked of the provider; how it ended is told by `refund.settled`. One that
        the provider refuses becomes account credit; of one that comes back after it had succeeded
        `refund.returned` tells."""
        operation = Operation("POST", "/v1/refunds", keyed=True)
        return self._transport.send(operation, m.GivenBackView, body=body, key=idempotency_key)

    def list_refunds(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        entity: str | None = None,
        limit: int | None = None,
        payment: str | None = None,
        state: Literal["due", "failed", "processing", "returned", "succeeded"] | None = None,
        recorded_from: datetime | None = None,
        recorded_to: datetime | None = None,
        after: str | None = None,
    ) -> Pages[m.RefundPage, m.RefundView]:
        """List refunds, of one account, of one payment or of all."""
        operation = Operation("GET", "/v1/refunds")
        return self._transport.pages(
            operation,
            m.RefundPage,
            query={
                "account": account,
                "currency": currency,
                "entity": entity,
                "limit": limit,
                "payment": payment,
                "state": state,
                "recorded_from": recorded_from,
                "recorded_to": recorded_to,
                "after": after,
            },
        )

    def get_refund(self, refund_id: str) -> m.RefundView:
        """Read a refund."""
        operation = Operation("GET", "/v1/refunds/{refund_id}")
        return self._transport.send(operation, m.RefundView, path={"refund_id": refund_id})

    def retry_refund(
        self, refund_id: str, body: m.RefundRetryBody, *, idempotency_key: str | None = None
    ) -> m.GivenBackView:
        """Send a refund again that was refused, or came back. It became account credit, and goes to its
        method once more: whole, out of money that the account has as credit, as a refund of its own
        in the place of the first. Each is sent again once; one that fails as well is credit again,
        and can be sent again in its turn. Not while the payment is disputed."""
        operation = Operation("POST", "/v1/refunds/{refund_id}/retry", keyed=True)
        return self._transport.send(
            operation, m.GivenBackView, path={"refund_id": refund_id}, body=body, key=idempotency_key
        )

    def list_payments(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        entity: str | None = None,
        limit: int | None = None,
        invoice: str | None = None,
        provider: str | None = None,
        disposition: Literal["applied", "credited", "refunded"] | None = None,
        received_from: datetime | None = None,
        received_to: datetime | None = None,
        after: str | None = None,
    ) -> Pages[m.PaymentPage, m.PaymentView]:
        """List payments, of one account, of one invoice or of all."""
        operation = Operation("GET", "/v1/payments")
        return self._transport.pages(
            operation,
            m.PaymentPage,
            query={
                "account": account,
                "currency": currency,
                "entity": entity,
                "limit": limit,
                "invoice": invoice,
                "provider": provider,
                "disposition": disposition,
                "received_from": received_from,
                "received_to": received_to,
                "after": after,
            },
        )

    def get_payment(self, payment_id: str) -> m.PaymentView:
        """Read a payment."""
        operation = Operation("GET", "/v1/payments/{payment_id}")
        return self._transport.send(operation, m.PaymentView, path={"payment_id": payment_id})

    def record_transfer(
        self, change_id: str, body: m.TransferBody, *, idempotency_key: str | None = None
    ) -> m.ChangeView:
        """Record the transfer that a change waits for. Of a change whose provider is one whose payments
        are recorded: the money is settled as that of any other payment. Another amount than was asked
        for, or money for what no longer applies, becomes account credit."""
        operation = Operation("POST", "/v1/changes/{change_id}/payments", keyed=True)
        return self._transport.send(
            operation, m.ChangeView, path={"change_id": change_id}, body=body, key=idempotency_key
        )

    def record_payment(
        self, invoice_id: str, body: m.ReceiptBody, *, idempotency_key: str | None = None
    ) -> m.ReceiptView:
        """Record a payment that no provider took. A bank transfer, a cheque and the like. It may pay a
        part; what is beyond the debt becomes account credit. The same method and reference are the
        same payment."""
        operation = Operation("POST", "/v1/invoices/{invoice_id}/payments", keyed=True)
        return self._transport.send(
            operation, m.ReceiptView, path={"invoice_id": invoice_id}, body=body, key=idempotency_key
        )

    def record_payment_of_account(
        self, account_id: str, body: m.ReceiptsBody, *, idempotency_key: str | None = None
    ) -> m.ReceiptsView:
        """Record a payment that no provider took, for several invoices. For the named invoices, or for
        all that the account owes: the one that fell due first is paid first, and the last may be paid
        in part. What is beyond them becomes account credit. The same method and reference are the
        same payment."""
        operation = Operation("POST", "/v1/accounts/{account_id}/payments", keyed=True)
        return self._transport.send(
            operation, m.ReceiptsView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def give_up_invoice(
        self, invoice_id: str, body: m.GiveUpBody, *, idempotency_key: str | None = None
    ) -> m.InvoiceView:
        """Give an open invoice up as uncollectible. As one unit: a credit note for the time in advance
        that is not used, the rest as bad debt, the subscription's end, and the account's standing. A
        later payment resolves it. Refused while a payment is under way."""
        operation = Operation("POST", "/v1/invoices/{invoice_id}/give-up", keyed=True)
        return self._transport.send(
            operation, m.InvoiceView, path={"invoice_id": invoice_id}, body=body, key=idempotency_key
        )

    def get_credit(
        self,
        account_id: str,
        *,
        kind: m.GrantKind | None = None,
        all: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.AccountCreditView, m.CreditGrantView]:
        """Read an account's credit. By currency and kind, with what changes in flight count on; and its
        grants in the order in which they came about."""
        operation = Operation("GET", "/v1/accounts/{account_id}/credit")
        return self._transport.pages(
            operation,
            m.AccountCreditView,
            path={"account_id": account_id},
            query={"kind": kind, "all": all, "after": after, "limit": limit},
        )

    def give_credit(
        self, account_id: str, body: m.GiftBody, *, idempotency_key: str | None = None
    ) -> m.CreditGrantView:
        """Give an account credit. Goodwill or sponsored credit, at the cost of revenue. Credit is bought
        by a change, `top_up`."""
        operation = Operation("POST", "/v1/accounts/{account_id}/credit", keyed=True)
        return self._transport.send(
            operation, m.CreditGrantView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def list_credit_uses(
        self,
        account_id: str,
        *,
        grant: str | None = None,
        invoice: str | None = None,
        kind: m.UseKind | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.CreditUsePage, m.CreditUseView]:
        """List what became of an account's credit. What it paid for, grant by grant and line by line;
        what expired, was voided, refunded or charged back. In the order of the transactions."""
        operation = Operation("GET", "/v1/accounts/{account_id}/credit/uses")
        return self._transport.pages(
            operation,
            m.CreditUsePage,
            path={"account_id": account_id},
            query={
                "grant": grant,
                "invoice": invoice,
                "kind": kind,
                "from": from_,
                "to": to,
                "after": after,
                "limit": limit,
            },
        )

    def get_credit_grant(self, account_id: str, grant_id: str) -> m.CreditGrantView:
        """Read a grant of credit."""
        operation = Operation("GET", "/v1/accounts/{account_id}/credit/{grant_id}")
        return self._transport.send(
            operation, m.CreditGrantView, path={"account_id": account_id, "grant_id": grant_id}
        )

    def void_credit(
        self, account_id: str, grant_id: str, body: m.VoidBody, *, idempotency_key: str | None = None
    ) -> m.CreditGrantView:
        """Take back what is left of credit that was given. A fact of its own: what was used of it stays
        used. Refused for the customer's own money."""
        operation = Operation("POST", "/v1/accounts/{account_id}/credit/{grant_id}/void", keyed=True)
        return self._transport.send(
            operation,
            m.CreditGrantView,
            path={"account_id": account_id, "grant_id": grant_id},
            body=body,
            key=idempotency_key,
        )

    def print_invoice(self, invoice_id: str) -> bytes:
        """Read an invoice as a PDF file. PDF/A-3 with its e-invoice attached where there is one. The
        same invoice is the same file, byte for byte, until less is owed on it. Send the ETag as
        `If-None-Match`."""
        operation = Operation("GET", "/v1/invoices/{invoice_id}.pdf")
        return self._transport.send(operation, bytes, path={"invoice_id": invoice_id})

    def read_einvoice(self, invoice_id: str) -> bytes:
        """Read an invoice as an e-invoice. By EN 16931, as Cross Industry Invoice, the same that the PDF
        file carries (Factur-X). Where the document has something that the norm has no place for, the
        problem names it; the PDF file is given all the same. Send the ETag as `If-None-Match`."""
        operation = Operation("GET", "/v1/invoices/{invoice_id}.xml")
        return self._transport.send(operation, bytes, path={"invoice_id": invoice_id})

    def print_credit_note(self, credit_note_id: str) -> bytes:
        """Read a credit note as a PDF file. PDF/A-3 with its e-invoice attached where there is one. It
        never changes. Send the ETag as `If-None-Match`."""
        operation = Operation("GET", "/v1/credit-notes/{credit_note_id}.pdf")
        return self._transport.send(operation, bytes, path={"credit_note_id": credit_note_id})

    def read_ecredit_note(self, credit_note_id: str) -> bytes:
        """Read a credit note as an e-invoice. By EN 16931, as Cross Industry Invoice, the same that the
        PDF file carries (Factur-X). Where the document has something that the norm has no place for,
        the problem names it; the PDF file is given all the same. It has the type 381 and names the
        invoice that it lowers. Send the ETag as `If-None-Match`."""
        operation = Operation("GET", "/v1/credit-notes/{credit_note_id}.xml")
        return self._transport.send(operation, bytes, path={"credit_note_id": credit_note_id})

    def list_disputes(
        self,
        *,
        account: str | None = None,
        currency: str | None = None,
        entity: str | None = None,
        limit: int | None = None,
        payment: str | None = None,
        state: m.DisputeState | None = None,
        open: bool | None = None,
        provider: str | None = None,
        recorded_from: datetime | None = None,
        recorded_to: datetime | None = None,
        after: str | None = None,
    ) -> Pages[m.DisputePage, m.DisputeView]:
        """List disputes."""
        operation = Operation("GET", "/v1/disputes")
        return self._transport.pages(
            operation,
            m.DisputePage,
            query={
                "account": account,
                "currency": currency,
                "entity": entity,
                "limit": limit,
                "payment": payment,
                "state": state,
                "open": open,
                "provider": provider,
                "recorded_from": recorded_from,
                "recorded_to": recorded_to,
                "after": after,
            },
        )

    def get_dispute(self, dispute_id: str) -> m.DisputeView:
        """Read a dispute."""
        operation = Operation("GET", "/v1/disputes/{dispute_id}")
        return self._transport.send(operation, m.DisputeView, path={"dispute_id": dispute_id})

    def submit_evidence(
        self, dispute_id: str, body: m.EvidenceBody, *, idempotency_key: str | None = None
    ) -> m.DisputeView:
        """Answer a dispute with evidence. Passed on to the provider, if it takes evidence this way. 503:
        it did not answer, and may have taken it; asking again does no harm."""
        operation = Operation("POST", "/v1/disputes/{dispute_id}/evidence", keyed=True)
        return self._transport.send(
            operation, m.DisputeView, path={"dispute_id": dispute_id}, body=body, key=idempotency_key
        )

    def accept_dispute(self, dispute_id: str, *, idempotency_key: str | None = None) -> m.DisputeView:
        """Leave the money to the payer. What the payment paid is owed again. 503: the provider did not
        answer, and may have taken it; asking again does no harm."""
        operation = Operation("POST", "/v1/disputes/{dispute_id}/accept", keyed=True)
        return self._transport.send(
            operation, m.DisputeView, path={"dispute_id": dispute_id}, key=idempotency_key
        )

    def list_drift(
        self,
        *,
        account: str | None = None,
        kind: m.DriftKind | None = None,
        older_than_hours: int | None = None,
        gone: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.DriftPage, m.DriftView]:
        """List in what stores contradict each other. What was seen and is not gone, aged; with the gauge
        by kind and age, and how far the daily look at every account has come."""
        operation = Operation("GET", "/v1/drift")
        return self._transport.pages(
            operation,
            m.DriftPage,
            query={
                "account": account,
                "kind": kind,
                "older_than_hours": older_than_hours,
                "gone": gone,
                "after": after,
                "limit": limit,
            },
        )

    def ask_providers(self, account_id: str, *, idempotency_key: str | None = None) -> m.StateView:
        """Compare an account with what its providers say. Asks about its newest payments that are over:
        what turns out to be paid is settled, what only our books say is paid is kept as drift. Then
        it is recomputed."""
        operation = Operation("POST", "/v1/accounts/{account_id}/ask-providers", keyed=True)
        return self._transport.send(
            operation, m.StateView, path={"account_id": account_id}, key=idempotency_key
        )

    def get_engine(self) -> m.EngineHistory:
        """Read whose consequences are applied."""
        operation = Operation("GET", "/v1/engine")
        return self._transport.send(operation, m.EngineHistory)

    def set_engine(self, body: m.EngineBody, *, idempotency_key: str | None = None) -> m.EngineView:
        """Set whose consequences are applied. off: nothing is looked at. observe: decisions are written
        and not applied. share: applied to so many percent of all accounts, always the same, and to
        those that are named. on: to all but the excluded."""
        operation = Operation("POST", "/v1/engine", keyed=True)
        return self._transport.send(operation, m.EngineView, body=body, key=idempotency_key)

    def compare_engine(self, body: m.ParityBody) -> m.ParityReport:
        """Compare what the engine decided with what was done. By itself, by hand, or by another system,
        which the body names. While the engine only observes, this says whether it would have done the
        same. Nothing is changed: no Idempotency-Key is needed."""
        operation = Operation("POST", "/v1/engine/parity")
        return self._transport.send(operation, m.ParityReport, body=body)

    def list_holds(
        self, account_id: str, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.HoldPage, m.HoldView]:
        """List an account's holds."""
        operation = Operation("GET", "/v1/accounts/{account_id}/holds")
        return self._transport.pages(
            operation, m.HoldPage, path={"account_id": account_id}, query={"after": after, "limit": limit}
        )

    def place_hold(
        self, account_id: str, body: m.HoldBody, *, idempotency_key: str | None = None
    ) -> m.HoldView:
        """Keep a consequence from an account. Until it expires, which is within a year: it does not
        begin, and what is in effect rests. Paying lifts in any case, and a ban is not held: it comes
        with giving up, as one unit."""
        operation = Operation("POST", "/v1/accounts/{account_id}/holds", keyed=True)
        return self._transport.send(
            operation, m.HoldView, path={"account_id": account_id}, body=body, key=idempotency_key
        )

    def release_hold(
        self, account_id: str, hold_id: str, body: m.ReleaseBody, *, idempotency_key: str | None = None
    ) -> m.HoldView:
        """End a hold before it expires."""
        operation = Operation("POST", "/v1/accounts/{account_id}/holds/{hold_id}/release", keyed=True)
        return self._transport.send(
            operation,
            m.HoldView,
            path={"account_id": account_id, "hold_id": hold_id},
            body=body,
            key=idempotency_key,
        )

    def list_decisions(
        self, account_id: str, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.DecisionPage, m.DecisionView]:
        """List what was decided about an account. What changed something, or would have: applied, and
        withheld with the reason."""
        operation = Operation("GET", "/v1/accounts/{account_id}/decisions")
        return self._transport.pages(
            operation, m.DecisionPage, path={"account_id": account_id}, query={"after": after, "limit": limit}
        )

    def list_ledger_accounts(self) -> m.ChartView:
        """Read the chart of accounts."""
        operation = Operation("GET", "/v1/ledger/accounts")
        return self._transport.send(operation, m.ChartView)

    def get_trial_balance(
        self, *, at: datetime | None = None, entity: str | None = None, test_clocks: bool | None = None
    ) -> m.TrialBalanceView:
        """Read the trial balance as of an instant. Counts what was booked before `at` (default: now):
        the first instant of a month closes the one before. Fees in advance are revenue as far as
        their period has passed, and deferred from there on. What is booked later shows later: a
        closed month never changes."""
        operation = Operation("GET", "/v1/ledger/trial-balance")
        return self._transport.send(
            operation, m.TrialBalanceView, query={"at": at, "entity": entity, "test_clocks": test_clocks}
        )

    def get_ageing(
        self,
        *,
        at: datetime | None = None,
        entity: str | None = None,
        currency: str | None = None,
        account: str | None = None,
        test_clocks: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.AgeingView, m.AccountAgedView]:
        """Read receivables by how long they are due, as of an instant. Counts what was booked before
        `at` (default: now): the first instant of a month closes the one before. A debt is in
        `days_1_30` from the first instant after its due date."""
        operation = Operation("GET", "/v1/ledger/ageing")
        return self._transport.pages(
            operation,
            m.AgeingView,
            query={
                "at": at,
                "entity": entity,
                "currency": currency,
                "account": account,
                "test_clocks": test_clocks,
                "after": after,
                "limit": limit,
            },
        )

    def list_postings(
        self,
        *,
        account: str | None = None,
        invoice: str | None = None,
        ledger_account: str | None = None,
        entity: str | None = None,
        currency: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        test_clocks: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.PostingPage, m.PostingView]:
        """List postings in the order of their transactions. As they were written. What lines in advance
        earn between postings is in the trial balance, and by month in the exported journal."""
        operation = Operation("GET", "/v1/ledger/postings")
        return self._transport.pages(
            operation,
            m.PostingPage,
            query={
                "account": account,
                "invoice": invoice,
                "ledger_account": ledger_account,
                "entity": entity,
                "currency": currency,
                "from": from_,
                "to": to,
                "test_clocks": test_clocks,
                "after": after,
                "limit": limit,
            },
        )

    def export_csv(
        self,
        what: str,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        entity: str | None = None,
        test_clocks: bool | None = None,
    ) -> bytes:
        """Read journal, documents, payments or credit of a stretch of time as CSV. `what` is one of
        journal, invoices, invoice-lines, credit-notes, payments, refunds, disputes, fees,
        credit-grants, credit-uses. The same figures as `solvent export`, of one moment. The file is
        whole before it is sent, so a download of another length than `Content-Length` was broken off.
        A few are made at once (503 otherwise)."""
        operation = Operation("GET", "/v1/exports/{what}.csv")
        return self._transport.send(
            operation,
            bytes,
            path={"what": what},
            query={"from": from_, "to": to, "entity": entity, "test_clocks": test_clocks},
        )

    def export_parquet(
        self,
        what: str,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        entity: str | None = None,
        test_clocks: bool | None = None,
    ) -> bytes:
        """Read the same as an Apache Parquet file. `what` is one of journal, invoices, invoice-lines,
        credit-notes, payments, refunds, disputes, fees, credit-grants, credit-uses. The same figures
        as `solvent export`, of one moment. The file is whole before it is sent, so a download of
        another length than `Content-Length` was broken off. A few are made at once (503 otherwise).
        Refused where the server lacks the package for it (`solvent[parquet]`)."""
        operation = Operation("GET", "/v1/exports/{what}.parquet")
        return self._transport.send(
            operation,
            bytes,
            path={"what": what},
            query={"from": from_, "to": to, "entity": entity, "test_clocks": test_clocks},
        )

    def list_reconciliations(
        self, *, provider: str | None = None, after: str | None = None, limit: int | None = None
    ) -> Pages[m.ReconciliationPage, m.ReconciliationView]:
        """List comparisons of the books with providers, the latest first. What `solvent reconcile`
        found: each with what moved at the provider in that time, and how many differences there were."""
        operation = Operation("GET", "/v1/reconciliations")
        return self._transport.pages(
            operation, m.ReconciliationPage, query={"provider": provider, "after": after, "limit": limit}
        )

    def get_reconciliation(self, reconciliation_id: str) -> m.ReconciliationView:
        """Read a comparison."""
        operation = Operation("GET", "/v1/reconciliations/{reconciliation_id}")
        return self._transport.send(
            operation, m.ReconciliationView, path={"reconciliation_id": reconciliation_id}
        )

    def list_differences(
        self,
        reconciliation_id: str,
        *,
        kind: m.DifferenceKind | None = None,
        repair: m.Repair | None = None,
        repaired: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.DifferencePage, m.DifferenceView]:
        """List what a comparison found."""
        operation = Operation("GET", "/v1/reconciliations/{reconciliation_id}/differences")
        return self._transport.pages(
            operation,
            m.DifferencePage,
            path={"reconciliation_id": reconciliation_id},
            query={"kind": kind, "repair": repair, "repaired": repaired, "after": after, "limit": limit},
        )

    def record_usage(self, body: m.UsageBody, *, idempotency_key: str | None = None) -> m.RecordedView:
        """Tell what was used. A batch of events, each counted once by (account, id): send it again
        whenever in doubt. When one of them breaks a rule, each that does is told by its place and
        nothing is stored."""
        operation = Operation("POST", "/v1/usage", keyed=True)
        return self._transport.send(operation, m.RecordedView, body=body, key=idempotency_key)

    def get_usage(
        self,
        account_id: str,
        *,
        subscription: str | None = None,
        meter: str | None = None,
        object: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.UsageView, m.UsagePeriodView]:
        """Read what was used so far, and what it costs. Usage periods that are open, or that still take
        late usage: what they come to at this moment."""
        operation = Operation("GET", "/v1/accounts/{account_id}/usage")
        return self._transport.pages(
            operation,
            m.UsageView,
            path={"account_id": account_id},
            query={
                "subscription": subscription,
                "meter": meter,
                "object": object,
                "after": after,
                "limit": limit,
            },
        )

    def list_usage_events(
        self,
        *,
        account: str,
        meter: str | None = None,
        object: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.UsageEventPage, m.UsageEventView]:
        """List the events that an account's usage was told by."""
        operation = Operation("GET", "/v1/usage/events")
        return self._transport.pages(
            operation,
            m.UsageEventPage,
            query={
                "account": account,
                "meter": meter,
                "object": object,
                "from": from_,
                "to": to,
                "after": after,
                "limit": limit,
            },
        )

    def list_usage_totals(
        self,
        *,
        account: str,
        meter: str | None = None,
        object: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.UsageTotalPage, m.UsageTotalView]:
        """Read what an account used over any stretch of time. By meter and object, as a period over that
        time would be billed: corrections are in it."""
        operation = Operation("GET", "/v1/usage/totals")
        return self._transport.pages(
            operation,
            m.UsageTotalPage,
            query={
                "account": account,
                "meter": meter,
                "object": object,
                "from": from_,
                "to": to,
                "after": after,
                "limit": limit,
            },
        )

    def list_meters(
        self, *, after: str | None = None, limit: int | None = None
    ) -> Pages[m.MeterPage, m.FullMeterView]:
        """List meters."""
        operation = Operation("GET", "/v1/meters")
        return self._transport.pages(operation, m.MeterPage, query={"after": after, "limit": limit})

    def get_meter(self, meter_id: str) -> m.FullMeterView:
        """Read a meter."""
        operation = Operation("GET", "/v1/meters/{meter_id}")
        return self._transport.send(operation, m.FullMeterView, path={"meter_id": meter_id})

    def metrics(self) -> bytes:
        """Read the metrics for Prometheus. What this process counted, and the states of the database.
        With several web processes each counts for itself."""
        operation = Operation("GET", "/v1/metrics")
        return self._transport.send(operation, bytes)

    def get_kpis(
        self, *, since: date | None = None, until: date | None = None, limit: int | None = None
    ) -> m.KpisView:
        """Read the figures by which the order of things is judged, with their history. Measured by a
        worker every hour (`SOLVENT_KPI_MINUTES`), and by `solvent kpis` at once: they read
        everything."""
        operation = Operation("GET", "/v1/kpis")
        return self._transport.send(
            operation, m.KpisView, query={"since": since, "until": until, "limit": limit}
        )

    def list_bad_debt(
        self,
        *,
        account: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.BadDebtPage, m.BadDebtView]:
        """List what entered bad debt and what left it."""
        operation = Operation("GET", "/v1/bad-debt")
        return self._transport.pages(
            operation,
            m.BadDebtPage,
            query={"account": account, "since": since, "until": until, "after": after, "limit": limit},
        )

    def list_polls(self) -> m.PollList:
        """List how asking providers went. Workers ask every provider every five minutes for what
        notifications missed, and every hour for what it kept."""
        operation = Operation("GET", "/v1/polls")
        return self._transport.send(operation, m.PollList)

    def list_stuck(self, *, limit: int | None = None) -> m.StuckListView:
        """List what has been in an intermediate state for too long."""
        operation = Operation("GET", "/v1/stuck")
        return self._transport.send(operation, m.StuckListView, query={"limit": limit})

    def list_webhook_endpoints(self) -> m.WebhookEndpointPage:
        """List webhook endpoints."""
        operation = Operation("GET", "/v1/webhook-endpoints")
        return self._transport.send(operation, m.WebhookEndpointPage)

    def create_webhook_endpoint(
        self, body: m.WebhookEndpointBody, *, idempotency_key: str | None = None
    ) -> m.WebhookEndpointView:
        """Tell an address of events from now on. Each event is one signed POST by the Standard Webhooks
        convention, at least once, in order for each account; tried again ten times over three days.
        The secret is read from the endpoint."""
        operation = Operation("POST", "/v1/webhook-endpoints", keyed=True)
        return self._transport.send(operation, m.WebhookEndpointView, body=body, key=idempotency_key)

    def get_webhook_endpoint(self, endpoint_id: str) -> m.WebhookEndpointView:
        """Read a webhook endpoint."""
        operation = Operation("GET", "/v1/webhook-endpoints/{endpoint_id}")
        return self._transport.send(operation, m.WebhookEndpointView, path={"endpoint_id": endpoint_id})

    def change_webhook_endpoint(
        self, endpoint_id: str, body: m.WebhookEndpointChangeBody, *, idempotency_key: str | None = None
    ) -> m.WebhookEndpointView:
        """Tell it elsewhere, or of other events. What already waits for it is told at the new address,
        too."""
        operation = Operation("PATCH", "/v1/webhook-endpoints/{endpoint_id}", keyed=True)
        return self._transport.send(
            operation,
            m.WebhookEndpointView,
            path={"endpoint_id": endpoint_id},
            body=body,
            key=idempotency_key,
        )

    def delete_webhook_endpoint(self, endpoint_id: str, *, idempotency_key: str | None = None) -> None:
        """Tell it nothing more, for good."""
        operation = Operation("DELETE", "/v1/webhook-endpoints/{endpoint_id}", keyed=True)
        self._transport.send(operation, bytes, path={"endpoint_id": endpoint_id}, key=idempotency_key)

    def enable_webhook_endpoint(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> m.WebhookEndpointView:
        """Tell it again. From where it stopped: what happened meanwhile is told first."""
        operation = Operation("POST", "/v1/webhook-endpoints/{endpoint_id}/enable", keyed=True)
        return self._transport.send(
            operation, m.WebhookEndpointView, path={"endpoint_id": endpoint_id}, key=idempotency_key
        )

    def disable_webhook_endpoint(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> m.WebhookEndpointView:
        """Tell it nothing until it is enabled again."""
        operation = Operation("POST", "/v1/webhook-endpoints/{endpoint_id}/disable", keyed=True)
        return self._transport.send(
            operation, m.WebhookEndpointView, path={"endpoint_id": endpoint_id}, key=idempotency_key
        )

    def get_webhook_secret(self, endpoint_id: str) -> m.WebhookSecretView:
        """Read the secret that signs."""
        operation = Operation("GET", "/v1/webhook-endpoints/{endpoint_id}/secret")
        return self._transport.send(operation, m.WebhookSecretView, path={"endpoint_id": endpoint_id})

    def rotate_webhook_secret(self, endpoint_id: str, *, idempotency_key: str | None = None) -> None:
        """Sign with another secret from now on. For 24 hours both sign; then the one before is
        forgotten."""
        operation = Operation("POST", "/v1/webhook-endpoints/{endpoint_id}/rotate-secret", keyed=True)
        self._transport.send(operation, bytes, path={"endpoint_id": endpoint_id}, key=idempotency_key)

    def test_webhook_endpoint(self, endpoint_id: str, *, idempotency_key: str | None = None) -> m.AnswerView:
        """Post an event that did not happen, now. Of type webhook.test; nothing is recorded."""
        operation = Operation("POST", "/v1/webhook-endpoints/{endpoint_id}/test", keyed=True)
        return self._transport.send(
            operation, m.AnswerView, path={"endpoint_id": endpoint_id}, key=idempotency_key
        )

    def list_webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        state: m.DeliveryState | None = None,
        type: str | None = None,
        account: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.DeliveryPage, m.DeliveryView]:
        """List what it was told."""
        operation = Operation("GET", "/v1/webhook-endpoints/{endpoint_id}/deliveries")
        return self._transport.pages(
            operation,
            m.DeliveryPage,
            path={"endpoint_id": endpoint_id},
            query={"state": state, "type": type, "account": account, "after": after, "limit": limit},
        )

    def replay_webhooks(
        self, endpoint_id: str, body: m.ReplayBody, *, idempotency_key: str | None = None
    ) -> m.ReplayView:
        """Tell it once more of what happened. Under the same ids. Of each bucket the first 1,000 events
        at most: repeat it for a later time."""
        operation = Operation("POST", "/v1/webhook-endpoints/{endpoint_id}/replay", keyed=True)
        return self._transport.send(
            operation, m.ReplayView, path={"endpoint_id": endpoint_id}, body=body, key=idempotency_key
        )

    def replay_webhook(
        self, endpoint_id: str, event_id: str, *, idempotency_key: str | None = None
    ) -> m.ReplayView:
        """Tell it once more of one event."""
        operation = Operation(
            "POST", "/v1/webhook-endpoints/{endpoint_id}/deliveries/{event_id}/replay", keyed=True
        )
        return self._transport.send(
            operation,
            m.ReplayView,
            path={"endpoint_id": endpoint_id, "event_id": event_id},
            key=idempotency_key,
        )

    def list_events(
        self,
        *,
        after: str | None = None,
        account: str | None = None,
        type: str | None = None,
        limit: int | None = None,
    ) -> Pages[m.EventPage, m.EventView]:
        """Read what happened. Events of one account come in order, and none is left out. Keep `next`,
        and ask again with it."""
        operation = Operation("GET", "/v1/events")
        return self._transport.pages(
            operation, m.EventPage, query={"after": after, "account": account, "type": type, "limit": limit}
        )

    def notify(self, provider: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> None:
        """Take a provider's notification. For providers, which sign it: no API key. It is verified and
        stored, once by the provider's id, and looked at later. At most 256 KiB, or what its provider
        allows itself. 503: whether it is genuine has to be asked of the provider, which did not
        answer."""
        operation = Operation("POST", "/v1/notifications/{provider}", public=True)
        self._transport.send(operation, bytes, path={"provider": provider}, body=body, headers=headers)

    def advance_clock(self, body: m.ClockBody, *, idempotency_key: str | None = None) -> m.ClockView:
        """Move a test account's clock forward. Runs everything that falls due on the way, in order."""
        operation = Operation("POST", "/v1/clock", keyed=True)
        return self._transport.send(operation, m.ClockView, body=body, key=idempotency_key)

    def healthz(self) -> m.HealthView:
        """Whether this process answers."""
        operation = Operation("GET", "/v1/healthz", public=True)
        return self._transport.send(operation, m.HealthView)

    def readyz(self) -> m.HealthView:
        """Whether the database is reachable and migrated."""
        operation = Operation("GET", "/v1/readyz", public=True)
        return self._transport.send(operation, m.HealthView)
