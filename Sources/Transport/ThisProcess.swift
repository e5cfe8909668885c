import CLinux

/// What the daemon asks of the kernel for itself, and what it reports of itself.
package enum ThisProcess {
    /// User and system time, microseconds.
    package static var cpuMicroseconds: Int64 { clinux_process_cpu_us() }
    package static var residentBytes: Int64 { clinux_resident_bytes() }

    /// The processors that this process may use, at least 1.
    package static var processorCount: Int { max(1, Int(clinux_processor_count())) }

    /// Raises the soft limit of open files to the hard one.
    package static func raiseDescriptorLimit() {
        _ = clinux_raise_descriptor_limit()
    }

    /// Lets what a flood has taken go back to the kernel; called before there are threads.
    package static func giveMemoryBack() {
        clinux_give_memory_back()
    }

    /// A fault ends the process at once: a core file or a backtrace would hold secrets.
    package static func dieSilently() {
        clinux_die_silently()
    }
}
