// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The public pose rule
/// @notice A pose mirrors and shifts the decoder's image after decoding (book/formats.md, section 1). It is part of the prompt, not
/// of the circuit's image, so this library is where a picture's pose becomes visible.
library Pose {
    /// @dev Stands for a row above the image, of which every pixel is the corner's.
    uint256 private constant NO_ROW = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;

    /// @notice Splits a pose byte `63*mirror + 9*(dy+3) + (dx+4)`.
    /// @param pose 0..125.
    /// @return mirror Whether the image is mirrored left to right before the shift.
    /// @return dx Shift to the right, -4..4.
    /// @return dy Shift downwards, -3..3.
    function decode(uint256 pose) internal pure returns (bool mirror, int256 dx, int256 dy) {
        mirror = pose > 62;
        uint256 rest = pose % 63;
        // Casts are exact: rest is in 0..62.
        dy = int256(rest / 9) - 3;
        dx = int256(rest % 9) - 4;
    }

    /// @notice The posed image, one palette index 0..15 a byte, row-major.
    /// @param packed The decoder's image, two pixels a byte, the earlier one in the high nibble; `width * height / 2` bytes.
    /// @param width In pixels, even, at least 2.
    /// @param height In pixels, at least 1.
    /// @param pose 0..125.
    /// @dev With `m(y,x) = index(y, mirror ? W-1-x : x)`, `sy = y-dy` and `sx = x-dx` the pixel (y,x) is `m(0,0)` when `sy < 0`,
    /// `sx < 0` or `sx >= W`, otherwise `m(min(sy, H-1), sx)`.
    function posed(bytes memory packed, uint256 width, uint256 height, uint256 pose)
        internal
        pure
        returns (bytes memory pixels)
    {
        (bool mirror, int256 dx, int256 dy) = decode(pose);
        bytes memory plain = _unpack(packed);
        bytes1 corner = plain[mirror ? width - 1 : 0]; // m(0,0)
        pixels = new bytes(width * height);
        for (uint256 y; y < height; ++y) {
            // Casts are exact: y is below 2^16 and dy is in -3..3.
            int256 sy = int256(y) - dy;
            if (sy >= int256(height)) sy = int256(height) - 1;
            _row(pixels, y * width, plain, sy < 0 ? NO_ROW : uint256(sy) * width, width, mirror, dx, corner);
        }
    }

    /// @dev Writes the `width` pixels of `pixels` from position `to` on: those of the row of `plain` that starts at position
    /// `from`, mirrored and then shifted by `dx`, or `corner` alone when `from` is `NO_ROW`.
    function _row(
        bytes memory pixels,
        uint256 to,
        bytes memory plain,
        uint256 from,
        uint256 width,
        bool mirror,
        int256 dx,
        bytes1 corner
    ) private pure {
        // Memory safe: the caller gives `to <= width*height - width` and the same for `from`, and a column is used only when it
        // is below `width`, so every byte written lies in `pixels` and every byte read in `plain`. Wrapping is wanted in sx: a
        // negative column becomes a huge one, so one unsigned comparison sees both ends.
        assembly ("memory-safe") {
            to := add(add(pixels, 0x20), to)
            let inside := iszero(eq(from, NO_ROW))
            from := add(add(plain, 0x20), from)
            for { let x := 0 } lt(x, width) { x := add(x, 1) } {
                let sx := sub(x, dx)
                let pixel := corner
                if and(inside, lt(sx, width)) {
                    if mirror { sx := sub(sub(width, 1), sx) }
                    pixel := mload(add(from, sx))
                }
                mstore8(add(to, x), byte(0, pixel))
            }
        }
    }

    /// @dev One palette index a byte, from two a byte with the earlier one in the high nibble.
    function _unpack(bytes memory packed) private pure returns (bytes memory plain) {
        plain = new bytes(packed.length * 2);
        // Memory safe: writes two bytes of `plain` for each byte of `packed`, and reads words whose first byte is in `packed`.
        assembly ("memory-safe") {
            let to := add(plain, 0x20)
            let end := add(add(packed, 0x20), mload(packed))
            for { let from := add(packed, 0x20) } lt(from, end) { from := add(from, 1) } {
                let two := byte(0, mload(from))
                mstore8(to, shr(4, two))
                mstore8(add(to, 1), and(two, 15))
                to := add(to, 2)
            }
        }
    }
}
