#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pier::apps {

/// Requirements ("streamlit==1.38.0") for those of the platform's pre-installed Python libraries that this
/// source imports or starts (facts: apps-runtime 1.2). The platform has all of them in every environment;
/// installing only what is used keeps environments small. Libraries that `requirements` names are left out:
/// there the author's version counts.
std::vector<std::string> preinstalled_used_by(const std::filesystem::path& source,
                                              const std::vector<std::string>& command, const std::string& requirements);

} // namespace pier::apps
