// The API's shapes that the customer's pages read; docs/api.md explains them.

/**
 * @typedef {'notRequested' | 'granted' | 'removedByCustomer' | 'removedByPartner'} Grant
 * @typedef {'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'} Status
 * @typedef {{ name?: string | null, email?: string | null, phone?: string | null, web?: string | null }} Contact
 * @typedef {{
 *   status: Status, partner: { name: string, country: string, supportContact: Contact | null }, includeDelegatedAdmin: boolean,
 *   portal: { cloud: string, name: string }, locale: string, expiresAt: string, agreement: { version: string, url: string }
 * }} Preview
 * @typedef {{ partnerId: string, customer: { name: string, domain: string, country: string }, delegatedAdmin: Grant, establishedAt: string, agreementVersion: string }} Relationship
 * @typedef {{ subscriptionId: string, name: string, soldBy: string }} Supported
 * @typedef {{ partnerId: string, name: string, delegatedAdmin: Grant, establishedAt: string, supportContact: Contact | null, supports: Supported[] }} Partner
 *
 * What was typed. `agreed` is the version of the agreement whose box is checked; `who` typed it.
 * @typedef {{ who: string, name: string, domain: string, country: string, needed: boolean, agreed: string | null, reason: string }} Typed
 *
 * How it was answered here.
 * @typedef {{ kind: 'accepted', partner: string, relationship: Relationship } | { kind: 'declined', partner: string, reason: string | null }} Outcome
 */

export {};
