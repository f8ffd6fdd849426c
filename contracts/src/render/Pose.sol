// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The public pose rule
/// @notice A pose mirrors and shifts the decoder's image after decoding (book/formats.md, section 1). It is part of the prompt, not
/// of the circuit's image, so this library is where a picture's pose becomes visible.
library Pose {
    /// @dev Stands for a row above the image, of which every pixel is the corner's.
    uint256 private constant NO_ROW = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;

    /// @dev A pose in pixels.
    struct Shift {
        bool mirror;
        int256 dx;
        int256 dy;
    }

    /// @notice Splits a pose byte `63*mirror + 9*(dy+3) + (dx+4)`.
    /// @param pose 0..125.
    /// @return mirror Whether the image is mirrored left to right before the shift.
    /// @return dx Shift to the right in units, -4..4; see `unitOf`.
    /// @return dy Shift downwards in units, -3..3.
    function decode(uint256 pose) internal pure returns (bool mirror, int256 dx, int256 dy) {
        mirror = pose > 62;
        uint256 rest = pose % 63;
        // Casts are exact: rest is in 0..62.
        dy = int256(rest / 9) - 3;
        dx = int256(rest % 9) - 4;
    }

    /// @notice Pixels of one unit of shift: one for each 32 of the width, at least one.
    function unitOf(uint256 width) internal pure returns (uint256) {
        return width < 64 ? 1 : width >> 5;
    }

    /// @notice The posed image, one value a byte, row-major, plane after plane.
    /// @param plain The decoder's image in the same order; `width * height` bytes for each plane, each plane posed alike.
    /// @param width In pixels, at least 2.
    /// @param height In pixels, at least 1.
    /// @param pose 0..125.
    /// @dev With `m(y,x) = plain(y, mirror ? W-1-x : x)`, `sy = y - dy*unit` and `sx = x - dx*unit` the pixel (y,x) is `m(0,0)` when
    /// `sy < 0`, `sx < 0` or `sx >= W`, otherwise `m(min(sy, H-1), sx)`.
    function posed(bytes memory plain, uint256 width, uint256 height, uint256 pose)
        internal
        pure
        returns (bytes memory pixels)
    {
        (bool mirror, int256 dx, int256 dy) = decode(pose);
        // Casts are exact: the unit of a width of at most 128 is in 1..4.
        int256 unit = int256(unitOf(width));
        pixels = new bytes(plain.length);
        for (uint256 plane; plane < plain.length; plane += width * height) {
            _plane(pixels, plain, plane, width, height, Shift(mirror, dx * unit, dy * unit));
        }
    }

    /// @dev Writes one plane, which starts at position `plane` of both arrays.
    function _plane(
        bytes memory pixels,
        bytes memory plain,
        uint256 plane,
        uint256 width,
        uint256 height,
        Shift memory shift
    ) private pure {
        bytes1 corner = plain[plane + (shift.mirror ? width - 1 : 0)]; // m(0,0)
        for (uint256 y; y < height; ++y) {
            // Casts are exact: y is below 2^16 and a shift is small.
            int256 sy = int256(y) - shift.dy;
            if (sy >= int256(height)) sy = int256(height) - 1;
            uint256 from = sy < 0 ? NO_ROW : plane + uint256(sy) * width;
            _row(pixels, plane + y * width, plain, from, width, shift.mirror, shift.dx, corner);
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
        // Memory safe: the caller gives `to <= plain.length - width` and the same for `from`, both arrays have one length, and a column is used only when it
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

    /// @notice One palette index a byte, from two a byte with the earlier one in the high nibble.
    function unpack(bytes memory packed) internal pure returns (bytes memory plain) {
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
