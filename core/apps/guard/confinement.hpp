#pragma once

#include "core/base/result.hpp"

#include <string>
#include <vector>

namespace pier::apps {

/// Landlock version of this kernel; 0: not available.
int landlock_version();

struct Confinement {
  std::vector<std::string> hidden;   ///< may not be read
  std::vector<std::string> readable; ///< exceptions below hidden folders
  std::vector<std::string> writable; ///< may be written, also below hidden folders
  bool writes_anywhere = true;       ///< else only `writable`, /dev and (unless they hold a hidden one) scratch folders
};

/// Confines this process and what it starts (Landlock, Linux ≥ 5.13) and sets no_new_privs. Guards against
/// accidents and leaked tokens, not against hostile code of the same user. Does nothing where the kernel has
/// no Landlock.
Result<void> confine(const Confinement& confinement);

} // namespace pier::apps
