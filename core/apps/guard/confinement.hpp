#pragma once

#include "core/base/result.hpp"

#include <string>
#include <vector>

namespace pier::apps {

/// Landlock version of this kernel; 0: not available.
int landlock_version();

/// Confines this process and what it starts (Landlock, Linux ≥ 5.13): everything may be read and executed
/// but what lies below `hidden` (save `readable`); files may be written only below `writable` (and in /dev and, unless
/// it holds a hidden folder, /tmp and /dev/shm). Sets no_new_privs. Guards against accidents and leaked tokens, not
/// against hostile code of the same user. Does nothing where the kernel has no Landlock.
Result<void> confine(const std::vector<std::string>& hidden, const std::vector<std::string>& readable,
                     const std::vector<std::string>& writable);

} // namespace pier::apps
