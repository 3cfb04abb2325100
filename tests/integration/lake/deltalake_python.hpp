#pragma once

#include <string>
#include <vector>

namespace pier::lake {

/// Output of a Python script that may use deltalake and pyarrow; arguments follow it. Fails the test on an error.
std::string run_python(const std::string& script, const std::vector<std::string>& arguments);

} // namespace pier::lake
