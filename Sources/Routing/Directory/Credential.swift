/// The secrets that an organization shares with a carrier; here only in sealed form.
package struct Credential: Hashable, Sendable {
    package var organizationID: String
    /// Unique within the organization.
    package var id: String
    package var provider: Provider
    /// Twilio's `AC…`, or empty.
    package var accountSID: String
    /// Auth tokens, any number at once so that they can be rotated.
    package var authTokens: [SealedSecret]
    /// Shared keys for HMAC_SHA256 signatures.
    package var sharedKeys: [SharedKey]
    package var label: String

    package init(
        organizationID: String,
        id: String,
        provider: Provider,
        accountSID: String = "",
        authTokens: [SealedSecret] = [],
        sharedKeys: [SharedKey] = [],
        label: String = ""
    ) {
        self.organizationID = organizationID
        self.id = id
        self.provider = provider
        self.accountSID = accountSID
        self.authTokens = authTokens
        self.sharedKeys = sharedKeys
        self.label = label
    }

    /// The carrier whose account a credential opens.
    package enum Provider: String, Hashable, Sendable, CaseIterable {
        case twilio
        case telnyx
        case customSIP = "custom_sip"
    }

    /// A key that webhooks name by its id.
    package struct SharedKey: Hashable, Sendable {
        package var id: String
        package var secret: SealedSecret

        package init(id: String, secret: SealedSecret) {
            self.id = id
            self.secret = secret
        }
    }
}

/// Bytes that only the holder of the directory's key can open; opaque to the core.
package struct SealedSecret: Hashable, Sendable, CustomStringConvertible {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var description: String { "‹sealed›" }
}

extension Credential {
    /// What its secrets are sealed for: one that is copied to another row does not open.
    ///
    /// Ids hold no `/`, so that no two credentials share a context.
    package var sealingContext: String {
        Self.sealingContext(organizationID: organizationID, id: id)
    }

    package static func sealingContext(organizationID: String, id: String) -> String {
        "credential/\(organizationID)/\(id)"
    }
}
