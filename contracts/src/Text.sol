// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Text that may stand in a JSON document
library Text {
    /// @notice The text is not well-formed UTF-8, which a JSON document needs.
    error TextNotUtf8();

    /// @notice Reverts unless `text` is well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). JSON needs
    /// it, and escaping leaves bytes above 127 as they are.
    function requireUtf8(string memory text) internal pure {
        if (!isUtf8(text)) revert TextNotUtf8();
    }

    function isUtf8(string memory text) internal pure returns (bool) {
        bytes memory b = bytes(text);
        uint256 i;
        while (i < b.length) {
            uint8 first = uint8(b[i++]);
            if (first < 0x80) continue;
            if (first < 0xc2 || first > 0xf4) return false;
            uint256 rest = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
            if (i + rest > b.length) return false;
            uint8 second = uint8(b[i]);
            if (first == 0xe0 && second < 0xa0) return false;
            if (first == 0xed && second > 0x9f) return false;
            if (first == 0xf0 && second < 0x90) return false;
            if (first == 0xf4 && second > 0x8f) return false;
            for (uint256 end = i + rest; i < end; ++i) {
                if (uint8(b[i]) & 0xc0 != 0x80) return false;
            }
        }
        return true;
    }
}
