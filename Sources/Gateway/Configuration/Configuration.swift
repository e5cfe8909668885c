import Primitives
import Routing

/// What the operator decides: the keys of `config/trunkline.json5`, checked and with their defaults.
///
/// `config/trunkline.json5` is the manual; here stands only what the code needs to know.
package struct Configuration: Sendable, Equatable {
    /// Everything the daemon writes lives below it.
    package var stateDirectory = "/var/lib/trunkline"
    /// What carriers see; webhook signatures are checked against it, never against what a peer says.
    package var publicURL = ""
    package var listeners: [Listener] = Listener.loopback
    /// Event loops, 0…64; 0: one for each core.
    package var loops = 0
    /// The file with the key that seals secrets, relative to the state directory.
    package var keyFile = "key"
    package var sip = SIP()
    package var http = HTTP()
    package var twilio = Twilio()
    package var workflow = Workflow()
    package var records = Records()
    package var store = Store()
    package var log = Logging()
    package var drain = Drain()
    package var probes = Probes()

    package init() {}

    /// One address that the daemon listens on.
    package struct Listener: Sendable, Hashable {
        package var transport: Transport
        package var address: IPEndpoint
        package var serves: Services

        package init(
            transport: Transport,
            address: IPEndpoint,
            serves: Services = .all
        ) {
            self.transport = transport
            self.address = address
            self.serves = serves
        }

        package enum Transport: String, Sendable, Hashable {
            case sipUDP = "sip/udp"
            case sipTCP = "sip/tcp"
            case http
        }

        /// What an HTTP listener answers; the rest is not found there.
        package struct Services: OptionSet, Sendable, Hashable {
            package let rawValue: UInt8
            package init(rawValue: UInt8) { self.rawValue = rawValue }
            package static let calls = Services(rawValue: 1)
            package static let management = Services(rawValue: 2)
            package static let operations = Services(rawValue: 4)
            package static let all: Services = [.calls, .management, .operations]
        }

        /// Loopback until configured otherwise.
        package static let loopback = [
            Listener(transport: .sipUDP, address: IPEndpoint(address: .loopbackIPv4, port: 5_060)),
            Listener(transport: .sipTCP, address: IPEndpoint(address: .loopbackIPv4, port: 5_060)),
            Listener(transport: .http, address: IPEndpoint(address: .loopbackIPv4, port: 8_080)),
        ]
    }

    package struct SIP: Sendable, Equatable {
        /// A source that no trunk knows gets silence, or one 403 that is no larger than its request.
        package var unknownSource = UnknownSource.drop
        /// Timers T1, T2 and T4 (RFC 3261 §17.1.1.1).
        package var t1 = Interval.milliseconds(500)
        package var t2 = Interval.seconds(4)
        package var t4 = Interval.seconds(5)
        package var streamIdle = Limits.streamIdle
        package var connectionsPerAddress = Limits.connectionsPerAddress
        package var openTransactions = Limits.openTransactions

        package enum UnknownSource: String, Sendable {
            case drop
            case reject
        }
    }

    package struct HTTP: Sendable, Equatable {
        /// Peers whose X-Forwarded-Proto and X-Forwarded-Host are believed; prefixes.
        package var trustedProxies: [String] = []
        package var connectionsPerAddress = Limits.connectionsPerAddress
        package var headTimeout = Interval.seconds(10)
        package var bodyTimeout = Interval.seconds(10)
        package var idleTimeout = Interval.seconds(75)
    }

    package struct Twilio: Sendable, Equatable {
        /// How long one target rings before the next is tried; `<Dial timeout>`, 1…600 seconds.
        package var dialTimeoutSeconds = 20
    }

    /// What routing workflows may do beyond deciding.
    package struct Workflow: Sendable, Equatable {
        /// Hosts that `http` steps may ask, in the forms of `AllowedHost`.
        package var allowedHosts: [String] = []
        /// Calls that wait for an `http` step, in all and of one organization.
        package var waitingCalls = Limits.waitingCalls
        package var waitingCallsPerOrganization = Limits.waitingCallsPerOrganization
        /// Connections to one host and port at once; 1…10,000.
        package var connectionsPerHost = Limits.connectionsPerHost
        package var circuitBreaker = CircuitBreaker()

        /// When a host that keeps failing is left alone.
        package struct CircuitBreaker: Sendable, Equatable {
            /// Failures in a row, 1…1,000.
            package var failures: Int
            /// How long it is left alone before one request tries it again.
            package var pause: Interval

            package init(failures: Int = 5, pause: Interval = .seconds(10)) {
                self.failures = failures
                self.pause = pause
            }
        }
    }

    package struct Records: Sendable, Equatable {
        /// Relative to the state directory.
        package var directory = "calls"
        /// The longest time that a record waits for the disk.
        package var sync = Interval.seconds(1)
        package var rotateBytes = 256 << 20
        package var keepFiles = 16
        /// Whose explanation goes into the record.
        package var explain = Explain.never

        package enum Explain: String, Sendable, CaseIterable {
            case never
            /// Runs that came to no usable answer.
            case failures
            case always
        }
    }

    package struct Store: Sendable, Equatable {
        /// `sqlite:` and a file, relative to the state directory.
        package var url = "sqlite:directory.sqlite"

        package var sqlitePath: String { String(url.dropFirst("sqlite:".count)) }
    }

    package struct Logging: Sendable, Equatable {
        package var level = Log.Level.info
        /// Nil: JSON under journald, logfmt elsewhere.
        package var format: Log.Format?
        /// One line for each call that was answered; refusals are logged in any case.
        package var calls = false
    }

    package struct Drain: Sendable, Equatable {
        /// From SIGTERM to the end, at most.
        package var timeout = Interval.seconds(5)
        /// What carriers are told to wait before they come back, seconds.
        package var retryAfterSeconds = 5
    }

    /// How targets are asked whether they are there.
    package struct Probes: Sendable, Equatable {
        package var isEnabled = true
        /// From the start of one probe of a target to that of the next.
        package var interval = Interval.seconds(4)
        /// How long one probe waits for its answer.
        package var timeout = Interval.milliseconds(1_500)
        /// Misses in a row after which a target is down, and answers after which it is up; 1….
        package var downAfter = 3
        package var upAfter = 2
        /// Probes of all targets together, at most.
        package var perSecond = 500
        /// Whether a TLS target is up only with a certificate for its name by an authority of the system.
        package var verifiesCertificates = false

        package init() {}
    }

    /// A path of the configuration, which is relative to the state directory unless it starts with `/`.
    package func path(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : stateDirectory + "/" + relative
    }
}

extension IPAddress {
    package static let loopbackIPv4 = IPAddress(ipv4: 0x7F00_0001)
}
