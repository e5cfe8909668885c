/// Everything that `apply` writes and `export` reads: the directory as flat lists of its rows.
package struct DirectoryContents: Equatable, Sendable {
    package var organizations: [Organization] = []
    package var agents: [Agent] = []
    package var trunks: [Trunk] = []
    package var credentials: [Credential] = []
    package var routings: [InboundRouting] = []
    package var numbers: [NumberAssignment] = []

    package init() {}
}
