import CLinux
import Primitives

extension TCPStream {
    /// A connection on its way to `remote`: writable once it is there or has failed.
    package init(connectingTo remote: IPEndpoint) throws(SystemError) {
        var address = remote.system
        self.init(
            descriptor: try check(
                clinux_connect_begin(&address, Int32(CLINUX_STREAM)),
                "connect to \(remote) (TCP)"
            )
        )
    }

    /// Why a connection that has become writable is not there; nil when it is.
    package var connectError: SystemError? {
        let code = -clinux_socket_error(descriptor)
        return code == 0 ? nil : SystemError("connect", code: code)
    }
}
