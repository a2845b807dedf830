//! The groups of Project Wycheproof: vectors made to break implementations.

use super::spec::group_table;

group_table! { $ wycheproof_tests }
