import Glibc
import Primitives
import Transport

extension Configuration {
    /// Reports what this host does not have, at the keys of the file: a place for the state, addresses to
    /// listen on.
    ///
    /// What another user than this one might be allowed to is a warning.
    func checkHost(_ file: JSON5Object) {
        if let node = file.node("state_directory") {
            switch File.obstacle(toMakingFolder: stateDirectory) {
            case 0: break
            case let code where code == EACCES || code == EPERM:
                node.warn("this user cannot use it: \(String(cString: strerror(code)))")
            case let code:
                node.report(
                    "\(stateDirectory) is no folder and cannot be made: "
                        + String(cString: strerror(code))
                )
            }
        }
        for (node, listener) in zip(file.elements("listeners"), listeners) {
            var address = listener.address
            address.port = 0
            guard let obstacle = BoundSocket.obstacle(at: address, kind: .datagram) else {
                continue
            }
            node.report("\(listener.address) \(obstacle)")
        }
    }
}

extension JSON5Object {
    /// The path of a file or folder, which cannot be empty.
    func place(_ key: String) -> String? {
        guard let node = node(key), let text = node.string(bytesMax: 1_024) else { return nil }
        guard !text.isEmpty else {
            node.report("this names no place; write a path, or leave the key out for its default")
            return nil
        }
        return text
    }
}
