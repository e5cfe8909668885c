/// A carrier's credential as calls see it; its secrets stay sealed.
package final class CredentialEntry: Sendable {
    package let index: UInt32
    package let organization: UInt32
    package let id: String
    package let provider: Credential.Provider
    /// Twilio's `AC…`, or empty.
    package let accountSID: [UInt8]
    package let authTokens: [SealedSecret]
    package let sharedKeys: [Credential.SharedKey]

    init(index: UInt32, organization: UInt32, credential: Credential) {
        self.index = index
        self.organization = organization
        id = credential.id
        provider = credential.provider
        accountSID = Array(credential.accountSID.utf8)
        authTokens = credential.authTokens
        sharedKeys = credential.sharedKeys
    }
}
