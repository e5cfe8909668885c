/// The version of the program, as `trunkline --version`, the log and the metrics tell it (semver.org).
package enum Version {
    package static let number = "0.1.0"
}
