#pragma once

#include <string>

namespace pier {

/// "0.5", "1e+06": as few digits as tell it apart, with an exponent below 1e-4 and from 1e6 on (Go's %v).
std::string shortest_number(double value);

/// The same digits without an exponent: "0.5", "100000000000000000000".
std::string plain_number(double value);

} // namespace pier
